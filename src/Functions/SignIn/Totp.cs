using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CustomerFunctions.SignIn;

/// <summary>
/// Time-based one-time passwords as RFC 6238 has them: HMAC-SHA1, six digits, steps of 30 seconds. Identity's own provider neither says which step matched, without which no code can be refused the
/// second time, nor reads the app's clock.
/// </summary>
internal static class Totp
{
    private const int StepSeconds = 30;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(20);

    public static long StepAt(DateTimeOffset instant) => instant.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The step that the code is for: the current one or a neighbour, for clocks that are not quite right, and later than <paramref name="lastStep"/>. Null for a wrong code.</summary>
    public static long? Match(byte[] key, string code, DateTimeOffset now, long lastStep)
    {
        long? match = null;
        for (var step = StepAt(now) - 1; step <= StepAt(now) + 1; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Code(key, step)), Encoding.UTF8.GetBytes(code)) && step > lastStep) { match = step; }
        }
        return match;
    }

    public static string Code(byte[] key, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // RFC 6238 says SHA-1, and HMAC does not need what SHA-1 has lost.
        var hash = HMACSHA1.HashData(key, counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(hash[^1] & 0xf)) & 0x7fffffff;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The key as people type it and apps read it (RFC 4648, without padding).</summary>
    public static string Text(byte[] key)
    {
        var bits = string.Concat(key.Select(b => b.ToString("b8", CultureInfo.InvariantCulture)));
        return string.Concat(bits.Chunk(5).Select(five => Base32[Convert.ToInt32(new string(five).PadRight(5, '0'), 2)]));
    }

    /// <summary>What a QR code for an authenticator app holds.</summary>
    public static string Uri(string issuer, string email, byte[] key) =>
        $"otpauth://totp/{System.Uri.EscapeDataString(issuer)}:{System.Uri.EscapeDataString(email)}?secret={Text(key)}&issuer={System.Uri.EscapeDataString(issuer)}&algorithm=SHA1&digits=6&period=30";
}
