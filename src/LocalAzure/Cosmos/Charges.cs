namespace LocalAzure.Cosmos;

/// <summary>
/// Request units by a simple model, close to the published figures for small items ("Request Units in Azure Cosmos DB": reading 1 KB costs 1 RU and
/// 100 KB about 10; writing 1 KB about 5). The model is a yardstick for comparing designs, not a bill.
/// </summary>
internal static class Charges
{
    public static double Read(int bytes) => 1 + (0.09 * (Kilobytes(bytes) - 1));

    public static double Write(int bytes) => 5.5 + (0.5 * (Kilobytes(bytes) - 1));

    public static double Delete(int bytes) => Write(bytes);

    /// <summary>A page of a query: a base, what it looked at and what it gives back.</summary>
    public static double Query(long entriesSeen, long documentsLoaded, long bytesReturned) =>
        2.5 + (0.001 * entriesSeen) + (0.03 * documentsLoaded) + (0.1 * Kilobytes(bytesReturned));

    private static double Kilobytes(long bytes) => Math.Max(1, Math.Ceiling(bytes / 1024.0));
}
