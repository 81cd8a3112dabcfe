"""Names of a fit's own quantities."""


def own_name(kind: str, label: str) -> str:
    """Name of a quantity that a fit has of its own, such as ``growth.GPT-4o``.

    A slash, as in names that Inspect gives models, becomes the mathematical one: groups of a file may have none.

    Examples
    --------
    >>> own_name("growth", "openai/gpt-4o")
    'growth.openai∕gpt-4o'
    """
    return f"{kind}.{label}".replace("/", "∕")
