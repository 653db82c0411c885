using System.Text.Json;

namespace LocalAzure.Tests.Sdks;

/// <summary>The JavaScript SDKs play a session of every operation that they have: each answer is right, or a 501 that names the feature.</summary>
[Collection(SdkTests.Name)]
public sealed class JavaScriptSessionTests(SdkHost host)
{
    [Theory]
    [InlineData("Cosmos DB", "@azure/cosmos", "cosmos.mjs")]
    [InlineData("Key Vault", "@azure/keyvault-secrets", "keyvault.mjs")]
    [InlineData("Tables", "@azure/data-tables", "tables.mjs")]
    public async Task Every_operation_is_right_or_refused_by_name(string service, string package, string script)
    {
        var sessions = await JavaScriptSessions.Installed.Value;
        var all = JsonSerializer.Deserialize<string[]>(await sessions.Run(["operations.mjs", package], host.Cloud))!;
        var leftOut = sessions.LeftOut(package);
        var played = JsonSerializer.Deserialize<Played>(await sessions.Run([script], host.Cloud), JsonSerializerOptions.Web)!;

        leftOut.Where(name => !all.Contains(name) && !all.Any(operation => operation.StartsWith(name + '.', StringComparison.Ordinal)))
            .Should().BeEmpty("what is left out is there");
        all.Where(operation => !leftOut.Contains(operation) && !leftOut.Contains(operation.Split('.')[0])).Except(played.Operations)
            .Should().BeEmpty("the session plays every operation");
        RefusalsPage.ShouldShow(service, "JavaScript", played.Refusals);
    }

    /// <summary>What a session prints.</summary>
    private sealed record Played(string[] Operations, Session.Refusal[] Refusals);
}
