using System.Globalization;
using System.Text.Encodings.Web;

namespace LocalAzure.Status;

/// <summary>A piece of HTML. Everything that is put into its template is encoded, but for other pieces.</summary>
internal readonly record struct Html(string Text)
{
    public static readonly Html None = new("");

    public static Html Of(FormattableString template) =>
        new(string.Format(CultureInfo.InvariantCulture, template.Format, [.. template.GetArguments().Select(Encode)]));

    public static Html Join(IEnumerable<Html> pieces) => new(string.Concat(pieces.Select(piece => piece.Text)));

    public override string ToString() => Text;

    private static object Encode(object? value) => value is Html html ? html.Text : HtmlEncoder.Default.Encode(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
}
