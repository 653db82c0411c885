using System.Text.Json;
using LocalAzure.Azurite;
using LocalAzure.Listeners;
using LocalAzure.State;

namespace LocalAzure;

/// <summary>What a client needs to know of a running LocalAzure: the content of <c>endpoints.json</c>. No URL ends in a slash.</summary>
internal sealed record Endpoints(
    string Functions,
    string Cosmos,
    string KeyVault,
    string Tables,
    string ResourceManager,
    string Blob,
    string Graph,
    string DataPlanes,
    string Local,
    string CaCertificate,
    string MasterKey,
    Endpoints.Administrator Admin)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The first administrator of the app. Its password is null when the app has no accounts.</summary>
    internal sealed record Administrator(string Email, string? Password, string? ApiKey);

    public static Endpoints Of(BoundPorts ports, string caCertificate, string masterKey, Administrator admin) => new(
        ports.Url(Service.Functions),
        ports.Url(Service.Cosmos),
        ports.Url(Service.KeyVault),
        $"{ports.Url(Service.Tables)}/{AzuriteTables.Account}",
        ports.Url(Service.ResourceManager),
        ports.Url(Service.Blob),
        ports.Url(Service.Graph),
        ports.Url(Service.DataPlanes),
        ports.Url(Service.Local),
        caCertificate,
        masterKey,
        admin);

    /// <summary>A reader finds the whole file or none; only its owner finds it, for the keys in it.</summary>
    public void Write(string path) => OwnerOnlyFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, Json));
}
