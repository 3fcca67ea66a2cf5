"""What ``dagster`` loads (see [tool.dagster] in pyproject.toml): the definitions for the environment's LUS_HOME."""

from dagster_project.definitions import definitions
from dagster_project.settings import Settings

defs = definitions(Settings.from_environment())
