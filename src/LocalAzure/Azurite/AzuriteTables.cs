using LocalAzure.Identity;
using LocalAzure.Tls;

namespace LocalAzure.Azurite;

/// <summary>The Table Storage of one LocalAzure: what Azurite serves, behind our listener.</summary>
internal sealed class AzuriteTables : IAsyncDisposable
{
    /// <summary>The account that every Azurite has.</summary>
    public const string Account = "devstoreaccount1";

    private readonly AzuriteProcess azurite;
    private readonly bool isOwn;
    private readonly string folder;
    private readonly TablesProxy proxy;

    private AzuriteTables(AzuriteProcess azurite, bool isOwn, string folder, TablesProxy proxy) =>
        (this.azurite, this.isOwn, this.folder, this.proxy) = (azurite, isOwn, folder, proxy);

    /// <summary>Serves the tables in a folder. An Azurite of its own ends with it.</summary>
    public static async Task<AzuriteTables> Open(AzuriteProcess azurite, bool isOwn, string folder, LocalCertificates certificates, TokenAuthority tokens)
    {
        try { return new AzuriteTables(azurite, isOwn, folder, new TablesProxy(await azurite.Open(folder, certificates), tokens, OwnClient.Trusting(certificates))); }
        catch when (isOwn)
        {
            await azurite.DisposeAsync();
            throw;
        }
    }

    /// <summary>Fails when Azurite ends, which it does not do by itself.</summary>
    public Task Watch(CancellationToken stopping) => azurite.Watch(stopping);

    public Task Handle(HttpContext context) => proxy.Handle(context);

    public async ValueTask DisposeAsync()
    {
        proxy.Dispose();
        if (isOwn) { await azurite.DisposeAsync(); }
        else { await azurite.Close(folder); }
    }
}
