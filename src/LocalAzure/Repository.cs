namespace LocalAzure;

/// <summary>The checkout that this LocalAzure was built from: the app to run and the declarations it shares with the deployment are found there.</summary>
internal static class Repository
{
    private const string Landmark = "CustomerFunctions.sln";

    public static string? Root { get; } = FindRoot();

    /// <summary>The build output of src/Functions in the configuration of this build.</summary>
    public static string FunctionsOutput()
    {
        var root = Root ?? throw new StartRefused($"No {Landmark} above {AppContext.BaseDirectory}: say with --app which Functions app to run.");
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(root, "src", "Functions", "bin", framework.Parent!.Name, framework.Name);
    }

    private static string? FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, Landmark))) { folder = folder.Parent; }
        return folder?.FullName;
    }
}
