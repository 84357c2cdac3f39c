import pytest

pytest.register_assert_rewrite("connectors.contract", "connectors.trial", "tests.connectors.worlds")
