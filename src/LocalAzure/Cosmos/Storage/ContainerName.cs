namespace LocalAzure.Cosmos.Storage;

/// <summary>A container's place in the account, by number; what its <c>_rid</c> and <c>_self</c> are made of.</summary>
internal sealed record ContainerName(uint Database, uint Container)
{
    public string DatabaseRid { get; } = ResourceId.Database(Database);
    public string Rid { get; } = ResourceId.Container(Database, Container);
    public string Self => $"dbs/{DatabaseRid}/colls/{Rid}/";

    public string RangeRid(int number) => ResourceId.PartitionKeyRange(Database, Container, number);

    public string DocumentRid(long number) => ResourceId.Document(Database, Container, number);

    public string DocumentSelf(long number) => $"{Self}docs/{DocumentRid(number)}/";
}
