using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.WebUtilities;

namespace CustomerFunctions.SignIn;

/// <summary>
/// Data Protection with its keys in Key Vault. Built in a container of its own when it is first needed: a start neither builds it nor reads a key, which the framework's own
/// registration would do.
/// </summary>
internal sealed class ProtectionRing(Func<IDataProtectionProvider> build)
{
    private readonly Lazy<IDataProtectionProvider> provider = new(build);

    public ProtectionRing(AzureClients azure)
        : this(() => Build(azure))
    {
    }

    /// <summary>Text in base64url that only this app can make and open, for one purpose.</summary>
    public string Protect(string purpose, byte[] plain) => WebEncoders.Base64UrlEncode(Guarded(() => provider.Value.CreateProtector(purpose).Protect(plain)));

    /// <summary>Null for whatever this app did not make for this purpose.</summary>
    public byte[]? Open(string purpose, string text)
    {
        try
        {
            var bytes = WebEncoders.Base64UrlDecode(text);
            return Guarded(() => provider.Value.CreateProtector(purpose).Unprotect(bytes));
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The framework calls whatever fails cryptographic. A vault that does not answer is not: it is worth another try.</summary>
    private static byte[] Guarded(Func<byte[]> work)
    {
        try
        {
            return work();
        }
        catch (CryptographicException e) when (e.InnerException is { } cause && ExceptionEdge.IsDependencyFailure(cause))
        {
            ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }

    private static IDataProtectionProvider Build(AzureClients azure)
    {
        var services = new ServiceCollection();
        services.AddDataProtection().SetApplicationName("CustomerFunctions");
        services.Configure<KeyManagementOptions>(options => options.XmlRepository = new VaultKeyRepository(azure));
        return services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>();
    }
}
