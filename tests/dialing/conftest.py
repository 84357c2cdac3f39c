import pytest

pytest.register_assert_rewrite("connectors.dialing.contract", "connectors.dialing.trial", "tests.dialing.worlds")
