namespace LocalAzure.Status;

/// <summary>The frame of every page: its head and the little CSS there is, in the light or dark that the reader's system prefers.</summary>
internal static class Layout
{
    private static readonly Html Style = new("""
        :root { color-scheme: light dark; --line: light-dark(#d8dce3, #39404d); --soft: light-dark(#5b6472, #9aa4b2); --accent: light-dark(#0b5cad, #6cb4ff); }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem }
        a { color: var(--accent) } p { margin: .3rem 0; color: var(--soft) }
        table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
        th { font-weight: 600; color: var(--soft) } pre { overflow: auto; max-height: 22rem; padding: .8rem; border: 1px solid var(--line); border-radius: 6px; font-size: 12.5px }
        form { display: inline } button, select, input { font: inherit; padding: .15rem .6rem } code { font-size: .92em }
        """);

    public static IResult Page(string title, Html body) => Results.Content(
        Html.Of($"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{title}</title><style>{Style}</style></head>
            <body><h1>{title}</h1>{body}</body></html>
            """).Text,
        "text/html; charset=utf-8");

    public static Html Table(IReadOnlyList<string> heads, IEnumerable<Html> rows) => Html.Of(
        $"<table><thead><tr>{Html.Join(heads.Select(head => Html.Of($"<th>{head}</th>")))}</tr></thead><tbody>{Html.Join(rows)}</tbody></table>");

    public static Html Row(params IEnumerable<object?> cells) => Html.Of($"<tr>{Html.Join(cells.Select(cell => Html.Of($"<td>{cell}</td>")))}</tr>");

    public static Html Section(string title, Html content) => Html.Of($"<section><h2>{title}</h2>{content}</section>");

    public static Html Button(string action, string text) => Html.Of($"""<form method="post" action="{action}"><button>{text}</button></form>""");
}
