from lab.nameserver.generations import Generations


def test_what_is_used_again_outlives_all_that_passes_by() -> None:
    kept = Generations[str, int](10)
    kept.put("hot", 1)
    for number in range(1000):
        kept.put(f"once {number}", number)
        assert kept.get("hot") == 1


def test_what_is_not_asked_for_is_forgotten_and_the_rest_is_bounded() -> None:
    kept = Generations[str, int](10)
    kept.put("cold", 1)
    for number in range(1000):
        kept.put(f"once {number}", number)
        assert len(kept) <= 10
    assert kept.get("cold") is None
    assert kept.get("once 999") == 999


def test_a_newer_value_takes_the_place_of_the_older_one() -> None:
    kept = Generations[str, int](2)
    for value in range(4):
        kept.put("same", value)
        assert (kept.get("same"), len(kept)) == (value, 1)
