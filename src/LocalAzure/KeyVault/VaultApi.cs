namespace LocalAzure.KeyVault;

/// <summary>What tests set of the vault: <c>PUT /vault {"purgeProtection":false}</c> makes it one whose deleted secrets anybody may purge, until LocalAzure ends.</summary>
internal static class VaultApi
{
    public static void MapVault(this IEndpointRouteBuilder routes, Func<KeyVaultEmulator?> vault)
    {
        routes.MapGet("/vault", () => vault() is { } open ? Results.Json(Describe(open)) : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        routes.MapPut("/vault", (Settings settings) =>
        {
            if (vault() is not { } open) { return Results.StatusCode(StatusCodes.Status503ServiceUnavailable); }
            open.Options = open.Options with { PurgeProtection = settings.PurgeProtection };
            return Results.Json(Describe(open));
        });
    }

    private static Settings Describe(KeyVaultEmulator vault) => new(vault.Options.PurgeProtection);

    internal sealed record Settings(bool PurgeProtection);
}
