"""Messages as Internet mail: for every connector whose channel carries such bytes, however they travel."""
