namespace LocalAzure.Listeners;

/// <summary>What LocalAzure listens for, in the order of its ports from <c>--ports BASE</c> on.</summary>
internal enum Service
{
    Functions,
    Local,
    Cosmos,
    KeyVault,
    ResourceManager,
    Blob,
    Tables,
    Graph,
    DataPlanes,
}

internal static class ServiceNames
{
    public static readonly IReadOnlyList<Service> All = Enum.GetValues<Service>();

    /// <summary>As it is written in endpoints.json and on the command line's help.</summary>
    public static string Name(this Service service) => service switch
    {
        Service.Functions => "functions",
        Service.Local => "local",
        Service.Cosmos => "cosmos",
        Service.KeyVault => "keyVault",
        Service.ResourceManager => "resourceManager",
        Service.Blob => "blob",
        Service.Graph => "graph",
        Service.DataPlanes => "dataPlanes",
        _ => "tables",
    };

    /// <summary>
    /// Services that the SDKs call over TLS only. Cosmos DB listens for both: its .NET SDK does not insist, and without TLS its traffic can be read; its JavaScript SDK
    /// sends no token over plain HTTP.
    /// </summary>
    public static bool IsHttps(this Service service) => service is Service.KeyVault or Service.ResourceManager or Service.Blob or Service.Tables or Service.Graph or Service.DataPlanes;
}
