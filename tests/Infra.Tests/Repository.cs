using System.Reflection;

namespace Infra.Tests;

/// <summary>Where things are that the build has made or that are checked in.</summary>
internal static class Repository
{
    /// <summary>The configuration that these tests, and with them the app, were built in.</summary>
    public static string Configuration { get; } = Metadata("Configuration");

    public static string FunctionsProject { get; } = PathOf("src", "Functions", "Functions.csproj");

    /// <summary>The app as "dotnet build" leaves it.</summary>
    public static AppFolder BuiltApp { get; } = new(PathOf("src", "Functions", "bin", Configuration, "net10.0"));

    /// <summary>The app that tests of a running one start: the built one, or the folder that CUSTOMER_FUNCTIONS_APP names, from the repository on.</summary>
    public static AppFolder TestedApp { get; } = Environment.GetEnvironmentVariable("CUSTOMER_FUNCTIONS_APP") is { Length: > 0 } folder ? new(Path.GetFullPath(folder, PathOf())) : BuiltApp;

    public static string PathOf(params string[] parts) => Path.Combine([Metadata("Repository"), .. parts]);

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
