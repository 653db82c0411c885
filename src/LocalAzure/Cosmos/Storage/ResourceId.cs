using System.Buffers.Binary;

namespace LocalAzure.Cosmos.Storage;

/// <summary>
/// The <c>_rid</c> of a resource: 4 bytes for a database, 8 for a container (its last 4 marked by a high bit), 16 for what a container holds;
/// base64 with '/' written as '-', the form that the SDKs take apart.
/// </summary>
internal static class ResourceId
{
    public static string Database(uint database)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, database);
        return Text(bytes);
    }

    public static string Container(uint database, uint container)
    {
        Span<byte> bytes = stackalloc byte[8];
        WriteContainer(bytes, database, container);
        return Text(bytes);
    }

    public static string Document(uint database, uint container, long number) => Child(database, container, number, kind: 0x00);

    public static string PartitionKeyRange(uint database, uint container, int number) =>
        Child(database, container, number + 2, kind: 0x50);

    /// <summary>Offers have short ids of their own: 3 bytes, so four characters without padding.</summary>
    public static string Offer(uint database, uint container) => Text([(byte)database, (byte)(container >> 8), (byte)container]);

    private static string Child(uint database, uint container, long number, byte kind)
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteContainer(bytes, database, container);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], number);
        bytes[15] |= kind;
        return Text(bytes);
    }

    private static void WriteContainer(Span<byte> bytes, uint database, uint container)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, database);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], container);
        bytes[4] |= 0x80;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).Replace('/', '-');
}
