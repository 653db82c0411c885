using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Tests.Rules;

/// <summary>What holds for the whole source, so that it need not be remembered.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>Routes whose body has a sensible default for everything, or whose signature is asked for first.</summary>
    private static readonly string[] NothingRequired = ["/api/customers/{customerId}/api-keys/{keyId}/roll", "/api/webhooks/leaked-keys", "/api/webhooks/identity", "/api/webhooks/stripe", "/api/auth/token"];

    private static readonly string Root = LocalCloud.Metadata("RepositoryRoot");

    [Fact]
    public void The_product_and_LocalAzure_know_nothing_of_each_other()
    {
        Sources("src/Functions").Concat(Sources("src/Shared")).Should().OnlyContain(file => !UsesLocalAzure().IsMatch(file.Text));
        Sources("src/LocalAzure").Should().OnlyContain(file => !file.Text.Contains("CustomerFunctions.", StringComparison.Ordinal) || file.Path.EndsWith("Repository.cs", StringComparison.Ordinal));
        File.ReadAllText(Path.Combine(Root, "src/LocalAzure/LocalAzure.csproj")).Should().NotMatchRegex("<Reference Include=|Shared.csproj");
        ProductTypes().SelectMany(type => type.Assembly.GetReferencedAssemblies()).Should().NotContain(assembly => assembly.Name == "LocalAzure");
    }

    [Fact]
    public void Only_one_place_constructs_Azure_clients() =>
        Sources("src/Functions").Concat(Sources("src/Shared")).Where(file => ConstructsClient().IsMatch(file.Text)).Select(file => Path.GetFileName(file.Path))
            .Should().Equal(["PublicHttp.cs", "AzureClients.cs"], "what goes to addresses that strangers name shares no connection with what goes to Azure");

    [Fact]
    public void Everything_that_reads_instants_from_JSON_refuses_one_without_an_offset()
    {
        var read = ProductTypes().Where(type => type.BaseType == typeof(JsonSerializerContext))
            .Select(type => (JsonSerializerContext)type.GetProperty("Default")!.GetValue(null)!).Select(context => context.GetTypeInfo(typeof(DateTimeOffset))).OfType<JsonTypeInfo>().ToList();

        read.Should().HaveCountGreaterThan(3).And.OnlyContain(instant => instant.Converter is InstantConverter);
    }

    [Theory]
    [InlineData("Customer")]
    [InlineData("ApiKey")]
    [InlineData("ServiceAccount")]
    [InlineData("Account")]
    public void What_instances_remember_is_written_by_its_store_alone(string document) =>
        Sources("src/Functions").Where(file => Regex.IsMatch(file.Text, $@"\bStoreJson\.Default\.{document}\b")).Select(file => Path.GetFileNameWithoutExtension(file.Path))
            .Should().Equal([document + "Store"], "the store keeps memory in step with what it writes, so nobody else may write");

    [Fact]
    public void Shared_has_no_feature_in_it() =>
        typeof(AzureClients).Assembly.GetReferencedAssemblies().Should().NotContain(assembly => assembly.Name == "CustomerFunctions");

    [Fact]
    public void An_interface_has_more_than_one_implementation()
    {
        var types = ProductTypes().ToList();
        foreach (var contract in types.Where(type => type.IsInterface)) { types.Count(type => type.IsClass && contract.IsAssignableFrom(type)).Should().BeGreaterThan(1, contract.Name); }
    }

    [Fact]
    public void Every_class_is_sealed_static_or_meant_to_be_derived_from() =>
        ProductTypes().Where(type => type.IsClass && !type.IsSealed && !type.IsAbstract && ProductTypes().All(other => other.BaseType != type) && !type.Name.Contains('<') && type.Namespace?.StartsWith("CustomerFunctions", StringComparison.Ordinal) == true && type.Name != "Program")
            .Should().BeEmpty();

    [Fact]
    public void Nothing_catches_every_exception_but_the_edge_and_the_loops_over_items() =>
        Sources("src/Functions").Where(file => CatchesAll().IsMatch(file.Text)).Select(file => Path.GetFileName(file.Path))
            .Should().BeSubsetOf(["ExceptionEdge.cs", "TimerPass.cs", "RotationEngine.cs", "LifecycleEngine.cs", "Outbox.cs", "AccessUse.cs", "ChangeCustomers.cs"]);

    [Fact]
    public void Nothing_is_ever_purged_from_Key_Vault() =>
        Sources("src/Functions").Concat(Sources("src/Shared")).Should().OnlyContain(file => !Purges().IsMatch(file.Text));

    [Fact]
    public void No_test_is_skipped_and_none_sleeps() =>
        // The Bicep compiler cannot be restored everywhere, so its own test runs where there is one; what only LocalAzure has is not asked of another account.
        Sources("tests").Where(file => Path.GetFileName(file.Path) is not ("ArchitectureTests.cs" or "CompilerTests.cs" or "Elsewhere.cs")).Should().OnlyContain(file => !SkipsOrSleeps().IsMatch(file.Text));

    [Fact]
    public void No_pattern_of_the_product_has_a_time_limit() =>
        Sources("src/Functions").Concat(Sources("src/Shared")).Should().OnlyContain(file => !file.Text.Contains("matchTimeout", StringComparison.OrdinalIgnoreCase), "it is measured on the wall, and good input would be refused when the processor is busy; a pattern is such that it cannot explode");

    [Fact]
    public void Every_log_event_has_a_number_of_its_own()
    {
        var numbers = Sources("src").SelectMany(file => LogEvent().Matches(file.Text)).Select(found => found.Groups[1].Value).ToList();

        numbers.Should().HaveCountGreaterThan(30).And.OnlyHaveUniqueItems("an alert is asked for by its number");
    }

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void No_note_to_oneself_is_left(string folder) =>
        Sources(folder).Where(file => !file.Path.EndsWith("ArchitectureTests.cs", StringComparison.Ordinal)).Should().OnlyContain(file => !NoteToSelf().IsMatch(file.Text));

    [Fact]
    public async Task No_route_that_takes_a_body_is_content_with_an_empty_object()
    {
        var app = await App.Shared;
        var description = await app.Description;
        var customer = await app.CreateCustomer();
        var person = (await Person.SignedUp(app)).Api;
        var taking = description.Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Where(operation => operation.Key is "post" or "put" && operation.Value!["requestBody"] is not null)
            .Select(operation => (Method: new HttpMethod(operation.Key.ToUpperInvariant()), Path: path.Key))).ToList();

        taking.Should().HaveCountGreaterThan(3);
        foreach (var (method, path) in taking.Where(route => !NothingRequired.Contains(route.Path)))
        {
            (await (path.StartsWith("/api/auth/", StringComparison.Ordinal) ? person : app.Admin).Send(method, path.Replace("{customerId}", (string)customer["id"]!, StringComparison.Ordinal).Replace("{flag}", "webhooks", StringComparison.Ordinal), "{}", "*")).ShouldBeRefused(400, "invalid-request")["errors"]!.AsArray().Should().NotBeEmpty(path);
        }
    }

    private static IEnumerable<Type> ProductTypes() => new[] { typeof(Program).Assembly, typeof(AzureClients).Assembly }.SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is null && type.Namespace?.StartsWith("CustomerFunctions", StringComparison.Ordinal) != false);

    private static IEnumerable<(string Path, string Text)> Sources(string folder) => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        .Where(path => !Path.GetRelativePath(Root, path).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules"))
        .Order(StringComparer.Ordinal).Select(path => (path, File.ReadAllText(path)));

    [GeneratedRegex(@"(using|namespace) LocalAzure|LocalAzure\.[A-Z]")]
    private static partial Regex UsesLocalAzure();

    [GeneratedRegex(@"new (CosmosClient|SecretClient|ArmClient|HttpClient|SocketsHttpHandler|DefaultAzureCredential)\b|HttpClient NewHttpClient\(\) => new")]
    private static partial Regex ConstructsClient();

    [GeneratedRegex(@"catch\s*(\(Exception( \w+)?\)\s*(\{|$)|\{)", RegexOptions.Multiline)]
    private static partial Regex CatchesAll();

    [GeneratedRegex(@"Skip\s*=\s*""|Thread\.Sleep")]
    private static partial Regex SkipsOrSleeps();

    [GeneratedRegex("PurgeDeleted|deletedsecrets", RegexOptions.IgnoreCase)]
    private static partial Regex Purges();

    [GeneratedRegex(@"\[LoggerMessage\((?:EventId = )?(\d+),")]
    private static partial Regex LogEvent();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex NoteToSelf();
}
