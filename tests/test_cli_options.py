"""Options that commands share."""

import json

import pytest
from click.testing import CliRunner

from autosim.cli import cli


@pytest.mark.parametrize("command", ["validate", "priors"])
def test_structure_can_be_pinned_where_nothing_is_simulated(command: str) -> None:
    said = CliRunner().invoke(cli, [command, "optimistic", "--structure", "trajectory=saturating"])
    assert said.exit_code == 0, said.output
    refused = CliRunner().invoke(cli, [command, "optimistic", "--structure", "trajectory=saturatng"])
    assert "did you mean 'saturating'?" in f"{refused.output}{refused.exception}"


def test_priors_of_a_pinned_structure() -> None:
    said = CliRunner().invoke(cli, ["priors", "optimistic", "--json", "--structure", "trajectory=saturating"])
    listed = {row["parameter"]: row for row in json.loads(said.output)}
    assert listed["structure.trajectory"]["distribution"] == "saturating 1"
