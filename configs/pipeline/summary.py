"""The short card at the end of a stage."""


def print_summary(title: str, rows: dict[str, object]) -> None:
    """A title and aligned rows, for example `tokens  4.0 M`."""
    width = max(map(len, rows))
    print(f"\n  {title}")
    for name, value in rows.items():
        print(f"    {name:<{width}}  {value}")
    print(flush=True)
