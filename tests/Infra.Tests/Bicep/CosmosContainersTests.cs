using System.Text.Json;

namespace Infra.Tests.Bicep;

/// <summary>The containers that Bicep deploys and that LocalAzure provisions, from one file.</summary>
public sealed class CosmosContainersTests
{
    private readonly JsonElement file = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("infra", "bicep", "cosmos-containers.json"))).RootElement;

    [Fact]
    public void There_are_four_containers_and_the_partition_key_is_the_boundary_of_tenancy()
    {
        file.GetProperty("database").GetString().Should().Be("customers");
        Containers.Select(container => (container.GetProperty("id").GetString(), container.GetProperty("partitionKey").GetString())).Should().BeEquivalentTo(
            [("customers", "/customerId"), ("accounts", "/accountId"), ("directory", "/id"), ("control", "/id")]);
    }

    [Fact]
    public void Documents_leave_a_container_only_when_they_say_so()
    {
        Containers.Should().OnlyContain(container => container.GetProperty("defaultTtl").GetInt32() == -1);
    }

    [Fact]
    public void Nothing_is_indexed_that_no_query_asks_for()
    {
        foreach (var policy in Containers.Select(container => container.GetProperty("indexingPolicy")))
        {
            var mode = policy.GetProperty("indexingMode").GetString();
            mode.Should().BeOneOf("consistent", "none");
            if (mode == "consistent") { Paths(policy.GetProperty("excludedPaths")).Should().Equal("/*"); }
            else { policy.GetProperty("automatic").GetBoolean().Should().BeFalse(); }
        }
    }

    [Fact]
    public void Composite_indexes_order_what_is_indexed_in_one_direction()
    {
        foreach (var policy in Containers.Select(container => container.GetProperty("indexingPolicy")))
        {
            if (!policy.TryGetProperty("compositeIndexes", out var composites)) { continue; }
            var indexed = Paths(policy.GetProperty("includedPaths")).Select(path => path.Replace("/?", "", StringComparison.Ordinal)).Append("/id").ToList();
            foreach (var composite in composites.EnumerateArray())
            {
                Paths(composite).Should().HaveCountGreaterThan(1).And.OnlyHaveUniqueItems().And.BeSubsetOf(indexed);
                composite.EnumerateArray().Select(path => path.GetProperty("order").GetString()).Distinct().Should().ContainSingle();
            }
        }
    }

    [Fact]
    public void Every_container_has_its_throughput_in_production()
    {
        var throughput = System.Text.RegularExpressions.Regex.Match(BicepSource.Files["main.bicepparam"], @"param throughput = isProd \? \{ (.+) \} : \{\}").Groups[1].Value;

        throughput.Split(", ").Select(part => part.Split(':')[0]).Should().BeEquivalentTo(Containers.Select(container => container.GetProperty("id").GetString()));
    }

    private IEnumerable<JsonElement> Containers => file.GetProperty("containers").EnumerateArray();

    private static IEnumerable<string> Paths(JsonElement paths) => paths.EnumerateArray().Select(path => path.GetProperty("path").GetString()!);
}
