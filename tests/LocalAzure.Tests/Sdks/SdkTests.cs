namespace LocalAzure.Tests.Sdks;

/// <summary>The sessions share one LocalAzure.</summary>
[CollectionDefinition(Name)]
public sealed class SdkTests : ICollectionFixture<SdkHost>
{
    public const string Name = "SDK sessions";
}
