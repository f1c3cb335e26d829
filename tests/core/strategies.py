"""What hypothesis draws policies from."""

from hypothesis import strategies as st

from edge.core.entry_policy import REASONS, EntryPolicy


def entry_policies() -> st.SearchStrategy[EntryPolicy]:
    """Any policy that a site can have."""
    rules = st.fixed_dictionaries({}, optional={row.code: st.sampled_from(row.rules) for row in REASONS})
    return st.builds(
        EntryPolicy,
        rules=rules,
        crowd_delta_k=st.floats(0.3, 3),
        crowd_people=st.integers(5, 25),
        crowd_forget_s=st.floats(600, 14_400),
        crowd_low_c=st.floats(25, 33),
        crowd_high_c=st.floats(33, 36),
    )
