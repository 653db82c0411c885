using System.Buffers;
using System.Numerics;

namespace CustomerFunctions.Shared;

/// <summary>Bytes as digits and letters (0-9 A-Z a-z), big-endian, padded on the left to a fixed length.</summary>
internal static class Base62
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static readonly SearchValues<char> Allowed = SearchValues.Create(Digits);

    public static string Encode(ReadOnlySpan<byte> bytes, int length)
    {
        var value = new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        var text = new char[length];
        for (var i = length - 1; i >= 0; i--)
        {
            (value, var digit) = BigInteger.DivRem(value, 62);
            text[i] = Digits[(int)digit];
        }
        return new string(text);
    }

    public static bool IsValid(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Allowed);
}
