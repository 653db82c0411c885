namespace CustomerFunctions.Tests.Packaging;

/// <summary>A published folder and a LocalAzure that runs it as the Functions host would.</summary>
public abstract class PublishedEnvironment(Func<Task<string>> publish, bool isKept) : IAsyncLifetime
{
    private App? app;

    internal App App => app!;

    internal string Folder { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Folder = await publish();
        app = await App.StartWithoutSchedules("--app", Folder);
    }

    public async Task DisposeAsync()
    {
        if (app is not null) { await app.DisposeAsync(); }
        if (!isKept && Folder.Length > 0) { Directory.Delete(Folder, recursive: true); }
    }
}

public sealed class DefaultShape() : PublishedEnvironment(PublishedFolders.Default, isKept: true);

public sealed class FrameworkDependentShape() : PublishedEnvironment(PublishedFolders.FrameworkDependent, isKept: false);
