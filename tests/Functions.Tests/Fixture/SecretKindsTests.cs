using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using CustomerFunctions.Shared;
using CustomerFunctions.SignIn;
using CustomerFunctions.Webhooks;
using Microsoft.AspNetCore.DataProtection;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>The search for secrets knows every kind that the code makes. The kinds are the code's: every ticket that becomes a token, and every place that draws random bytes.</summary>
public sealed class SecretKindsTests : IDisposable
{
    private readonly string state = Directory.CreateTempSubdirectory("customer-functions-kinds-").FullName;

    /// <summary>What the random bytes of a source file become: a secret as its holder has it, or null with the reason beside it.</summary>
    private static readonly Dictionary<string, Func<IEnumerable<string>>?> Random = new()
    {
        ["ApiKeyText.cs"] = () => [ApiKeyText.Create("live", Ids.Customer(TimeProvider.System)["cus_".Length..]).Reveal()],
        ["EndpointSecrets.cs"] = () => [StandardWebhook.SecretText(RandomNumberGenerator.GetBytes(32))],
        ["SecondFactors.cs"] = () => SecondFactors.WithRecoveryCodes(new SecondFactor("", [])).Codes,
        ["Totp.cs"] = () => [Totp.Text(Totp.NewKey()), Totp.Uri("Product", "ada@example.com", Totp.NewKey())],
        // Stands in a refresh token, which is a ticket.
        ["Tokens.cs"] = null,
        // An id.
        ["Ids.cs"] = null,
        // A name that tells attempts of one millisecond apart.
        ["Attempt.cs"] = null,
        // How long an answer waits.
        ["ForgottenPasswords.cs"] = null,
    };

    [Fact]
    public void Every_place_that_draws_random_bytes_is_known()
    {
        var src = Path.Combine(LocalCloud.Metadata("RepositoryRoot"), "src");
        var drawing = new[] { "Functions", "Shared" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(src, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !Path.GetRelativePath(src, file).Split(Path.DirectorySeparatorChar).Contains("obj"))
            .Where(file => File.ReadAllText(file).Contains("RandomNumberGenerator.", StringComparison.Ordinal)).Select(file => Path.GetFileName(file));

        drawing.Should().BeEquivalentTo(Random.Keys);
    }

    [Fact]
    public async Task A_secret_of_every_kind_is_found_in_a_log()
    {
        var log = Path.Combine(Directory.CreateDirectory(Path.Combine(state, "logs")).FullName, "app.log");
        foreach (var secret in Random.Values.OfType<Func<IEnumerable<string>>>().SelectMany(make => make()).Concat(Tickets()))
        {
            await File.WriteAllTextAsync(log, $"fail: it was '{secret}'\n");
            (await SecretSearch.Run(state)).Leaks.Should().ContainSingle("{0} is a secret", secret).Which.Should().Contain("app.log");
            File.Delete(log);
        }
    }

    public void Dispose() => Directory.Delete(state, recursive: true);

    /// <summary>One token of every kind of ticket there is.</summary>
    private static IEnumerable<string> Tickets()
    {
        var tokens = new Tokens(new ProtectionRing(() => new EphemeralDataProtectionProvider()));
        var writes = typeof(Tokens).GetMethods(BindingFlags.Public | BindingFlags.Instance).Where(method => method.Name == nameof(Tokens.Write)).ToList();
        writes.Should().HaveCountGreaterThan(5);
        return writes.Select(write => (string)write.Invoke(tokens, [RuntimeHelpers.GetUninitializedObject(write.GetParameters().Single().ParameterType)])!);
    }
}
