namespace LocalAzure.Tests.FunctionsHost;

/// <summary>One LocalAzure with the sample app, for the tests of a class that leave it as they found it.</summary>
public sealed class RunningHost : IAsyncLifetime
{
    internal LocalAzureProcess Cloud { get; private set; } = null!;

    public async Task InitializeAsync() => Cloud = await LocalAzureProcess.Start();

    public async Task DisposeAsync() => await Cloud.DisposeAsync();
}
