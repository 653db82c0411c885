using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace LocalAzure.Cosmos.Indexing;

/// <summary>
/// Writes JSON values as bytes whose plain byte order is the order of Cosmos DB's types and values:
/// undefined, null, false, true, numbers, strings (by UTF-8), arrays, objects.
/// </summary>
internal sealed class OrderedBytes
{
    private const byte End = 0x00;
    private const byte Undefined = 0x01;
    private const byte Null = 0x02;
    private const byte False = 0x03;
    private const byte True = 0x04;
    private const byte Number = 0x05;
    private const byte String = 0x06;
    private const byte Array = 0x07;
    private const byte Object = 0x08;

    private readonly ArrayBufferWriter<byte> buffer = new(64);

    public ReadOnlySpan<byte> Written => buffer.WrittenSpan;

    public byte[] ToArray() => buffer.WrittenSpan.ToArray();

    public OrderedBytes Clear()
    {
        buffer.ResetWrittenCount();
        return this;
    }

    /// <summary>The first key of arrays and objects, which come after everything else.</summary>
    public static byte[] Containers { get; } = [Array];

    public static bool IsScalar(ReadOnlySpan<byte> value) => value[0] < Array;

    public OrderedBytes AddUndefined() => Tag(Undefined);

    public OrderedBytes AddNull() => Tag(Null);

    public OrderedBytes Add(bool value) => Tag(value ? True : False);

    public OrderedBytes Add(double value)
    {
        Tag(Number);
        // Adding zero turns -0 into 0. Flipping all bits of negatives, and the sign bit of the rest, makes the bit pattern sort as the number does.
        var bits = BitConverter.DoubleToInt64Bits(value + 0.0);
        bits = bits < 0 ? ~bits : bits ^ long.MinValue;
        BinaryPrimitives.WriteInt64BigEndian(buffer.GetSpan(8), bits);
        buffer.Advance(8);
        return this;
    }

    public OrderedBytes Add(string value)
    {
        Span<byte> small = stackalloc byte[256];
        var needed = Encoding.UTF8.GetMaxByteCount(value.Length);
        var bytes = needed <= small.Length ? small : new byte[needed];
        return AddUtf8(bytes[..Encoding.UTF8.GetBytes(value, bytes)]);
    }

    public OrderedBytes AddUtf8(ReadOnlySpan<byte> utf8)
    {
        Tag(String);
        while (utf8.IndexOf((byte)0) is var zero and >= 0)
        {
            buffer.Write(utf8[..(zero + 1)]);
            Tag(0xFF);
            utf8 = utf8[(zero + 1)..];
        }
        buffer.Write(utf8);
        return Tag(End).Tag(Undefined);
    }

    public OrderedBytes Add(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null: return AddNull();
            case JsonValueKind.False: return Add(false);
            case JsonValueKind.True: return Add(true);
            case JsonValueKind.Number: return Add(value.GetDouble());
            case JsonValueKind.String: return Add(value.GetString()!);
            case JsonValueKind.Array:
                BeginArray();
                foreach (var item in value.EnumerateArray()) { Add(item); }
                return EndContainer();
            case JsonValueKind.Object:
                BeginObject();
                foreach (var property in value.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    Add(property.Name).Add(property.Value);
                }
                return EndContainer();
            default: return AddUndefined();
        }
    }

    /// <summary>
    /// The bytes that Cosmos DB hashes for the first value of a key: its type; a number as it is in memory; a string in UTF-8, with an end of its own.
    /// </summary>
    public static byte[] ToHashed(ReadOnlySpan<byte> key)
    {
        var type = (byte)(key[0] - Undefined);
        if (key[0] == Number)
        {
            var bits = BinaryPrimitives.ReadInt64BigEndian(key[1..]);
            bits = bits < 0 ? bits ^ long.MinValue : ~bits;
            var number = new byte[9];
            number[0] = 0x05;
            BinaryPrimitives.WriteInt64LittleEndian(number.AsSpan(1), bits);
            return number;
        }
        if (key[0] != String) { return [type]; }
        var text = new List<byte> { 0x08 };
        for (var i = 1; key[i] != End || key[i + 1] == 0xFF; i++)
        {
            text.Add(key[i]);
            if (key[i] == 0) { i++; }
        }
        return [.. text, 0xFF];
    }

    public OrderedBytes BeginArray() => Tag(Array);

    public OrderedBytes BeginObject() => Tag(Object);

    public OrderedBytes EndContainer() => Tag(End);

    /// <summary>The first key after every key that starts with <paramref name="prefix"/>.</summary>
    public static byte[] AfterPrefix(ReadOnlySpan<byte> prefix)
    {
        var next = prefix.ToArray();
        for (var i = next.Length - 1; i >= 0; i--)
        {
            if (++next[i] != 0) { return next[..(i + 1)]; }
        }
        return [0xFF, 0xFF, 0xFF, 0xFF];
    }

    private OrderedBytes Tag(byte tag)
    {
        buffer.GetSpan(1)[0] = tag;
        buffer.Advance(1);
        return this;
    }
}
