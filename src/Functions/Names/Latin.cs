using System.Collections.Frozen;
using System.Text;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Names;

/// <summary>
/// Latin letters without their accents, so that "Söhne" is found by "sohne" and can stand in a URL. A table of our own: the app runs without ICU
/// (decision 16), and letters such as "ß" and "ø" have no decomposition.
/// </summary>
internal static class Latin
{
    private static readonly (string Plain, string Accented)[] Letters =
    [
        ("a", "àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ"),
        ("ae", "æ"),
        ("b", "ḃḅḇ"),
        ("c", "çćĉċčḉ"),
        ("d", "ðďđḋḍḏḑḓ"),
        ("e", "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ"),
        ("f", "ḟ"),
        ("g", "ĝğġģǧǵḡ"),
        ("h", "ĥħȟḣḥḧḩḫẖ"),
        ("i", "ìíîïĩīĭįıǐȉȋḭḯỉị"),
        ("ij", "ĳ"),
        ("j", "ĵǰ"),
        ("k", "ķĸǩḱḳḵ"),
        ("l", "ĺļľŀłḷḹḻḽ"),
        ("m", "ḿṁṃ"),
        ("n", "ñńņňŉŋǹṅṇṉṋ"),
        ("o", "òóôõöøōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ"),
        ("oe", "œ"),
        ("p", "ṕṗ"),
        ("r", "ŕŗřȑȓṙṛṝṟ"),
        ("s", "śŝşšſșṡṣṥṧṩ"),
        ("ss", "ß"),
        ("t", "ţťŧțṫṭṯṱẗ"),
        ("th", "þ"),
        ("u", "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự"),
        ("v", "ṽṿ"),
        ("w", "ŵẁẃẅẇẉẘ"),
        ("x", "ẋẍ"),
        ("y", "ýÿŷȳẏẙỳỵỷỹ"),
        ("z", "źżžẑẓẕ"),
    ];

    private static readonly FrozenDictionary<char, string> Plain =
        Letters.SelectMany(row => row.Accented.Select(letter => KeyValuePair.Create(letter, row.Plain))).ToFrozenDictionary();

    /// <summary>The text in lower case, Latin letters without accents, other scripts as they are. Accents that are characters of their own are left out.</summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in PlainText.Nfc(text).ToLowerInvariant())
        {
            if (char.IsAscii(c)) { folded.Append(c); }
            else if (Plain.TryGetValue(c, out var plain)) { folded.Append(plain); }
            else if (c is < '\u0300' or > '\u036f') { folded.Append(c); }
        }
        return folded.ToString();
    }
}
