using CustomerFunctions.Access;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Tests.Access;

public sealed class BootstrapAdminTests
{
    [Fact]
    public async Task A_new_version_of_its_secret_replaces_the_key_within_a_minute()
    {
        await using var app = await App.StartWithoutSchedules();
        var replacement = ApiKeyText.Create("local", BootstrapAdmin.Holder).Reveal();
        (await app.Caller(replacement).Get("/api/customers")).ShouldBeRefused(401, "unauthenticated");

        using var set = app.ToVault(HttpMethod.Put, $"/secrets/{BootstrapAdmin.SecretName}", new { value = replacement });
        (await app.Azure.SendAsync(set)).EnsureSuccessStatusCode();

        await Eventually.True(async () => (await app.Caller(replacement).Get("/api/customers")).Status == 200, TimeSpan.FromMinutes(1), "the new key works");
        (await app.Admin.Get("/api/customers")).ShouldBeRefused(401, "unauthenticated");
    }
}
