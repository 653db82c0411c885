using System.Globalization;
using System.Text;

namespace LocalAzure.Cosmos.Query;

internal enum TokenKind { Word, Parameter, Text, Number, Symbol, End }

internal readonly record struct Token(TokenKind Kind, string Text, double Number, int At)
{
    public bool IsWord(string keyword) => Kind == TokenKind.Word && Text.Equals(keyword, StringComparison.OrdinalIgnoreCase);

    public bool IsSymbol(string symbol) => Kind == TokenKind.Symbol && Text == symbol;
}

/// <summary>Splits query text into words, literals, parameters and symbols.</summary>
internal static class Lexer
{
    private static readonly string[] Symbols =
    [
        ">>>", "<<", ">>", "??", "||", "!=", "<>", "<=", ">=",
        "(", ")", "[", "]", "{", "}", ",", ".", ":", "?", "=", "<", ">", "+", "-", "*", "/", "%", "&", "|", "^", "~",
    ];

    public static List<Token> Read(string text)
    {
        var tokens = new List<Token>();
        for (var i = 0; i < text.Length;)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c)) { i++; }
            else if (c == '-' && i + 1 < text.Length && text[i + 1] == '-') { i = text.IndexOf('\n', i) is var line and >= 0 ? line : text.Length; }
            else if (IsWordStart(c)) { tokens.Add(Take(text, ref i, TokenKind.Word, 0)); }
            else if (c == '@') { tokens.Add(Take(text, ref i, TokenKind.Parameter, 1)); }
            else if (c is '"' or '\'') { tokens.Add(Quoted(text, ref i)); }
            else if (char.IsAsciiDigit(c) || (c == '.' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1]))) { tokens.Add(Numeric(text, ref i)); }
            else { tokens.Add(Symbol(text, ref i)); }
        }
        tokens.Add(new Token(TokenKind.End, "", 0, text.Length));
        return tokens;
    }

    public static CosmosRefusal Error(int at, string what) =>
        CosmosRefusal.BadRequest($"Syntax error at position {at}: {what}.");

    private static bool IsWordStart(char c) => char.IsLetter(c) || c is '_' or '$';

    private static Token Take(string text, ref int i, TokenKind kind, int skip)
    {
        var start = i;
        for (i += Math.Max(1, skip); i < text.Length && (IsWordStart(text[i]) || char.IsAsciiDigit(text[i])); i++) { }
        return new Token(kind, text[start..i], 0, start);
    }

    private static Token Numeric(string text, ref int i)
    {
        var start = i;
        while (i < text.Length && (char.IsAsciiDigit(text[i]) || text[i] == '.')) { i++; }
        if (i < text.Length && text[i] is 'e' or 'E')
        {
            i++;
            if (i < text.Length && text[i] is '+' or '-') { i++; }
            while (i < text.Length && char.IsAsciiDigit(text[i])) { i++; }
        }
        return double.TryParse(text.AsSpan(start, i - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? new Token(TokenKind.Number, text[start..i], number, start)
            : throw Error(start, $"'{text[start..i]}' is not a number");
    }

    private static Token Quoted(string text, ref int i)
    {
        var start = i;
        var content = new StringBuilder();
        for (i++; i < text.Length && text[i] != text[start]; i++)
        {
            if (text[i] == '\\') { Escape(text, ref i, content); } else { content.Append(text[i]); }
        }
        if (i >= text.Length) { throw Error(start, "a string is not closed"); }
        i++;
        return new Token(TokenKind.Text, content.ToString(), 0, start);
    }

    private static void Escape(string text, ref int i, StringBuilder content)
    {
        if (++i >= text.Length) { throw Error(i, "a string is not closed"); }
        if (text[i] == 'u' && i + 4 < text.Length && ushort.TryParse(text.AsSpan(i + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code))
        {
            content.Append((char)code);
            i += 4;
            return;
        }
        content.Append(text[i] switch
        {
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '"' or '\'' or '\\' or '/' => text[i],
            _ => throw Error(i, $"'\\{text[i]}' is not an escape sequence"),
        });
    }

    private static Token Symbol(string text, ref int i)
    {
        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(text, i, symbol, 0, symbol.Length) != 0) { continue; }
            var token = new Token(TokenKind.Symbol, symbol, 0, i);
            i += symbol.Length;
            return token;
        }
        throw Error(i, $"unexpected character '{text[i]}'");
    }
}
