"""`foregate records`: what the county refuses is listed, and can be offered again."""

from contextlib import closing
from pathlib import Path

from edge.app import bootstrap
from edge.app.config import Config
from edge.app.refused_records import show
from tests.fakes.passages import passage, stamp


def test_refused_records_are_named_with_their_reason_and_sent_again_on_demand(tmp_path: Path) -> None:
    config = Config.model_validate({"camera": {"kind": "sim"}, "store": {"path": str(tmp_path / "records.sqlite")}})
    with closing(bootstrap.open_store(config)) as store:
        first, second = store.append(passage(0), stamp(0)), store.append(passage(1), stamp(1))
        store.set_aside(first.uuid, "400 not_a_record")
        store.acknowledge(second.uuid)
    said: list[str] = []
    assert show(config, False, said.append) == 0
    assert "refused 1" in said[0]
    assert said[1].startswith(f"#0001  {first.uuid}")
    assert "400 not_a_record" in said[1]
    assert show(config, True, said.append) == 0
    with closing(bootstrap.open_store(config)) as store:
        assert store.counts() == (2, 1, 0)
        assert [record.seq for record, _ in store.unsent(10)] == [1]
