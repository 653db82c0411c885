using System.Globalization;
using System.Text;
using ADRaffy.ENSNormalize;

namespace CustomerFunctions.Edge;

/// <summary>
/// Rules for text that people type. Lengths are Unicode code points, and text is kept in Normalization Form C (UAX #15),
/// so that "é" is one text whether it arrives as one code point or as two.
/// </summary>
internal static class PlainText
{
    /// <summary>
    /// Normalization Form C. <see cref="string.Normalize()"/> does nothing without ICU; see decision 16.
    /// </summary>
    public static string Nfc(string text) => Ascii.IsValid(text) || !IsWellFormed(text) ? text : ENSNormalize.NF.NFC(text);

    /// <summary>The text as it is stored: without white space around it, in Normalization Form C.</summary>
    public static string Clean(string text) => Nfc(text.Trim());

    /// <summary>The number of code points in Normalization Form C.</summary>
    public static int Length(string text) => Nfc(text).EnumerateRunes().Count();

    /// <summary>Whether the text has more than <paramref name="max"/> code points. Very long text is not normalized.</summary>
    public static bool IsLonger(string text, int max) => text.Length > max && (text.Length > 8L * max || Length(text) > max);

    /// <summary>Whether a reader sees anything: a code point that is not a space, a mark, a control or a format character, nor a filler.</summary>
    public static bool IsVisible(string text) => text.EnumerateRunes().Any(IsVisible);

    /// <summary>Controls, and the line and paragraph separators U+2028 and U+2029.</summary>
    public static bool IsControl(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>
    /// The embeddings, overrides and isolates of the bidirectional algorithm (UAX #9). In a name they reorder the text that is
    /// shown around it. The marks U+200E, U+200F and U+061C do not.
    /// </summary>
    public static bool IsDirectionControl(Rune rune) => rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);

    /// <summary>Whether every surrogate is half of a pair.</summary>
    public static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) { i++; }
            else if (char.IsSurrogate(text[i])) { return false; }
        }
        return true;
    }

    private static bool IsVisible(Rune rune) => !IsFiller(rune.Value) && !IsControl(rune) && Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Format or UnicodeCategory.SpaceSeparator or UnicodeCategory.NonSpacingMark
        or UnicodeCategory.EnclosingMark or UnicodeCategory.OtherNotAssigned);

    /// <summary>Letters and symbols without a shape: the Hangul fillers and the blank Braille pattern.</summary>
    private static bool IsFiller(int codePoint) => codePoint is 0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x2800;
}
