namespace CustomerFunctions.Tests.Edge;

/// <summary>A client that openapi-typescript generates from the running app's description; clients/typescript has what is done with it.</summary>
public sealed class TypedClientTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("customer-functions-client-").FullName;

    [Fact]
    public async Task A_client_generated_from_the_description_compiles_strictly_and_works()
    {
        var app = await App.Shared;
        var url = app.Cloud.Endpoint("functions");
        await Node.Install(folder);

        await Node.Run(folder, ["node_modules/openapi-typescript/bin/cli.js", url + "/api/openapi/v1.json", "--output", "schema.gen.ts"]);
        await Node.Run(folder, ["node_modules/typescript/bin/tsc"]);
        var said = await Node.Run(folder, ["out/smoke.js"], ("API_URL", url), ("API_KEY", app.AdminKey));

        said.Trim().Should().Be("The client works.");
    }

    /// <summary>A copy, so that two test runs on one checkout do not meet in its node_modules.</summary>
    public Task InitializeAsync()
    {
        var source = Path.Combine(LocalCloud.Metadata("RepositoryRoot"), "clients", "typescript");
        foreach (var file in (string[])["package.json", "package-lock.json", "tsconfig.json", "client.ts", "smoke.ts"]) { File.Copy(Path.Combine(source, file), Path.Combine(folder, file)); }
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }
}
