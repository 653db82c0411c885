using System.Buffers.Binary;
using System.Numerics;

namespace LocalAzure.Cosmos.Storage;

/// <summary>MurmurHash3, the 128-bit variant for 64-bit machines with seed 0: what Cosmos DB and its SDKs spread partition keys by.</summary>
internal static class MurmurHash
{
    private const ulong C1 = 0x87c37b91114253d5;
    private const ulong C2 = 0x4cf5ad432745937f;

    /// <summary>The second half of the hash is the upper half of the number.</summary>
    public static UInt128 Of(ReadOnlySpan<byte> bytes)
    {
        var (h1, h2, length) = (0UL, 0UL, (ulong)bytes.Length);
        for (; bytes.Length >= 16; bytes = bytes[16..])
        {
            h1 ^= First(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            h1 = ((BitOperations.RotateLeft(h1, 27) + h2) * 5) + 0x52dce729;
            h2 ^= Second(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            h2 = ((BitOperations.RotateLeft(h2, 31) + h1) * 5) + 0x38495ab5;
        }
        Span<byte> tail = stackalloc byte[16];
        tail.Clear();
        bytes.CopyTo(tail);
        h1 ^= First(BinaryPrimitives.ReadUInt64LittleEndian(tail)) ^ length;
        h2 ^= Second(BinaryPrimitives.ReadUInt64LittleEndian(tail[8..])) ^ length;
        h1 += h2;
        h2 += h1;
        (h1, h2) = (Mixed(h1), Mixed(h2));
        h1 += h2;
        h2 += h1;
        return new UInt128(h2, h1);
    }

    private static ulong First(ulong block) => BitOperations.RotateLeft(block * C1, 31) * C2;

    private static ulong Second(ulong block) => BitOperations.RotateLeft(block * C2, 33) * C1;

    private static ulong Mixed(ulong h)
    {
        h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
        h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53;
        return h ^ (h >> 33);
    }
}
