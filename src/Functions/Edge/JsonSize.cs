using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Edge;

/// <summary>
/// The size of JSON in UTF-8 without white space. Counted, not written: the framework's encoders escape characters that
/// the caller has sent as they are.
/// </summary>
internal static class JsonSize
{
    public static int Of(JsonNode? node) => node switch
    {
        null => "null".Length,
        JsonObject members => Brackets(members.Count) + members.Sum(member => OfText(member.Key) + ":".Length + Of(member.Value)),
        JsonArray items => Brackets(items.Count) + items.Sum(Of),
        _ when node.GetValueKind() == JsonValueKind.String => OfText(node.GetValue<string>()),
        _ => node.ToJsonString().Length,
    };

    /// <summary>The brackets, and the commas between.</summary>
    private static int Brackets(int count) => 2 + Math.Max(0, count - 1);

    /// <summary>With its quotes, and with the escapes that RFC 8259 section 7 requires.</summary>
    private static int OfText(string text) => 2 + Encoding.UTF8.GetByteCount(text) + text.Sum(character => character switch
    {
        '"' or '\\' or '\b' or '\f' or '\n' or '\r' or '\t' => 1,
        < ' ' => 5,
        _ => 0,
    });
}
