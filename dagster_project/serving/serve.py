"""Serving: what readers of PostgreSQL see follows what readers of ``current`` see.

A release is loaded beside what is there, then the views move. Serving is not publishing: a load that fails changes
neither the release nor what readers see.
"""

from __future__ import annotations

from dataclasses import dataclass

from dagster_project.errors import ConfigurationError, LusError, NotServed
from dagster_project.internal_errors import internal_error
from dagster_project.releases import catalogue
from dagster_project.releases.catalogue import Release
from dagster_project.serving import registry
from dagster_project.serving.load import load
from dagster_project.serving.postgres import connected
from dagster_project.serving.switch import drop_unused, switch
from dagster_project.settings import Settings


@dataclass(frozen=True)
class Served:
    """A region's release that readers are shown now, and the names of those that were loaded for it."""

    shown: str
    loaded: list[str]


def serve(settings: Settings, region: str, release: Release | None = None) -> Served:
    """Let PostgreSQL show the region's ``current``; load ``release`` beside it, where that is another one.

    What is loaded already is not loaded again. Raises ConfigurationError where there is nothing to serve or no
    ``LUS_POSTGRES_URL``, and NotServed where it fails: readers then see what they saw.
    """
    shown = catalogue.current(settings, region)
    if shown is None:
        raise ConfigurationError(f"Region {region} has no release in {settings.releases}: publish one first.")
    try:
        return _serve(settings, shown, release or shown)
    except ConfigurationError:
        raise
    except LusError as error:
        raise _not_served(shown, str(error)) from None
    except Exception as error:
        raise _not_served(shown, str(internal_error(settings, error, outcome=""))) from None


def _serve(settings: Settings, shown: Release, release: Release) -> Served:
    loaded = []
    with connected(settings) as connection:
        registry.prepare(connection)
        before = [one.release for one in registry.shown(connection) if one.region == shown.region]
        for one in dict.fromkeys((release, shown)):
            if not registry.is_loaded(connection, one):
                load(connection, settings, one)
                loaded.append(one.name)
        switch(connection, shown)
        if before != [shown.name]:
            drop_unused(connection, shown.region, [*before, release.name])
    return Served(shown.name, loaded)


def _not_served(shown: Release, why: str) -> NotServed:
    return NotServed(
        f"PostgreSQL could not be given {shown.name}: its readers see what they saw before. {why} Run "
        f"'lus serve --region {shown.region}' when that is mended."
    )
