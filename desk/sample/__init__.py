"""The sample shop's own data: a bicycle shop, its customers, orders and mail. `desk.service.sample` loads it."""
