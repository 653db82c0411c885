namespace LocalAzure.Cosmos.Storage;

/// <summary>A physical partition: the effective partition keys from <see cref="Low"/> on, up to and without <see cref="High"/>.</summary>
internal sealed record PartitionRange(int Number, UInt128 Low, UInt128 High, IReadOnlyList<int> Parents)
{
    public bool IsAll => Low == 0 && High == EffectivePartitionKey.End;

    public bool Holds(StoredDocument document) => IsAll || Holds(EffectivePartitionKey.Of(document.Key));

    public bool Holds(UInt128 place) => place >= Low && place < High;
}
