using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace LocalAzure.Tests.Cosmos;

/// <summary>Each query against one small set of documents, and the JSON that it must give.</summary>
public sealed class QueryTests(QueryTests.Fixture fixture) : IClassFixture<QueryTests.Fixture>
{
    private static readonly string[] Documents =
    [
        """{"id":"1","pk":"a","name":"Ada","n":1,"tags":["x","y"],"sub":{"k":"v"},"on":true}""",
        """{"id":"2","pk":"a","name":"bob","n":2,"tags":["y"],"sub":{"k":"w"},"on":false}""",
        """{"id":"3","pk":"b","name":"Cleo","n":3,"tags":[],"nil":null}""",
        """{"id":"4","pk":"b","name":"dan","n":"3","nil":1}""",
        """{"id":"5","pk":"c","n":2.5,"items":[{"sku":"p","q":2},{"sku":"r","q":5}]}""",
    ];

    [Theory]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.n = 2", """["2"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.n > 1 AND c.n < 3", """["2","5"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.n >= 3", """["3"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.n = '3'", """["4"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.n != 2", """["1","3","5"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE NOT (c.n = 2)", """["1","3","5"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.nil = null", """["3"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE NOT IS_DEFINED(c.nil)", """["1","2","5"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.on", """["1"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.on = false OR c.n = 3", """["2","3"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.absent = 1 OR c.n = 3", """["3"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.n IN (1, '3', true)", """["1","4"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.n NOT IN (1, 2, 3)", """["5"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.n BETWEEN 2 AND 3", """["2","3","5"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.name LIKE '%o%'", """["2","3"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.name LIKE '_d[a-c]'", """["1"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.name LIKE 'C%'", """["3"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE STARTSWITH(c.name, 'a', true)", """["1"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.tags, 'y')", """["1","2"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.tags, 'x') AND ARRAY_CONTAINS(c.tags, 'y')", """["1"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.items, {'sku': 'p'}, true)", """["5"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE EXISTS (SELECT VALUE t FROM t IN c.tags WHERE t > 'w')", """["1","2"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.sub = {'k': 'v'}", """["1"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c['sub']['k'] = 'w'", """["2"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.tags[1] = 'y'", """["1"]""")]
    [InlineData("SELECT VALUE i.sku FROM c JOIN i IN c.items WHERE i.q > 3", """["r"]""")]
    [InlineData("SELECT c.id, t AS tag FROM c JOIN t IN c.tags WHERE c.pk = 'a'", """[{"id":"1","tag":"x"},{"id":"1","tag":"y"},{"id":"2","tag":"y"}]""")]
    [InlineData("SELECT VALUE i FROM i IN c.items", """[{"sku":"p","q":2},{"sku":"r","q":5}]""")]
    [InlineData("SELECT VALUE s FROM c.sub s", """[{"k":"v"},{"k":"w"}]""")]
    [InlineData("SELECT c.id, c.absent, c.nil FROM c WHERE c.pk = 'b'", """[{"id":"3","nil":null},{"id":"4","nil":1}]""")]
    [InlineData("SELECT c.sub.k, c.n + 1, 'x' FROM c WHERE c.id = '1'", """[{"k":"v","$1":2,"$2":"x"}]""")]
    [InlineData("SELECT {'a': c.n, 'b': [c.id, c.absent]} AS o FROM c WHERE c.id = '1'", """[{"o":{"a":1,"b":["1"]}}]""")]
    [InlineData("SELECT VALUE c.absent ?? c.id FROM c WHERE c.n > 2 ?? false", """["3","5"]""")]
    [InlineData("SELECT VALUE c.n > 2 ? 'big' : 'small' FROM c WHERE c.pk != 'b'", """["small","small","big"]""")]
    [InlineData("SELECT VALUE 1 / 0 FROM c", "[]")]
    [InlineData("SELECT VALUE CONCAT(UPPER(c.name), '-', c.id) FROM c WHERE c.id = '2'", """["BOB-2"]""")]
    [InlineData("SELECT VALUE SUBSTRING(c.name, 1, 2) FROM c WHERE IS_STRING(c.name)", """["da","ob","le","an"]""")]
    [InlineData("SELECT VALUE ROUND(c.n) FROM c WHERE IS_NUMBER(c.n)", "[1,2,3,3]")]
    [InlineData("SELECT VALUE ARRAY_LENGTH(c.tags) FROM c", "[2,1,0]")]
    [InlineData("SELECT VALUE (SELECT VALUE COUNT(1) FROM t IN c.tags) FROM c WHERE IS_DEFINED(c.tags)", "[2,1,0]")]
    [InlineData("SELECT VALUE ARRAY(SELECT VALUE i.q FROM i IN c.items) FROM c WHERE c.id = '5'", "[[2,5]]")]
    [InlineData("SELECT TOP 2 VALUE c.id FROM c WHERE IS_DEFINED(c.name) ORDER BY c.name", """["1","3"]""")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.n", """["1","2","5","3","4"]""")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.n DESC", """["4","3","5","2","1"]""")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.name DESC OFFSET 1 LIMIT 2", """["2","3"]""")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.pk, c.n DESC", """["2","1","4","3","5"]""")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.pk DESC, c.n ASC", """["5","3","4","1","2"]""")]
    [InlineData("SELECT VALUE COUNT(1) FROM c", "[5]")]
    [InlineData("SELECT VALUE COUNT(1) FROM c WHERE c.pk = 'a'", "[2]")]
    [InlineData("SELECT VALUE COUNT(c.nil) FROM c", "[2]")]
    [InlineData("SELECT VALUE SUM(c.n) FROM c", "[]")]
    [InlineData("SELECT VALUE SUM(c.n) FROM c WHERE IS_NUMBER(c.n)", "[8.5]")]
    [InlineData("SELECT MIN(c.n) AS low, MAX(c.n) AS high, AVG(c.n) AS mean FROM c WHERE c.pk = 'a'", """[{"low":1,"high":2,"mean":1.5}]""")]
    [InlineData("SELECT c.pk, COUNT(1) AS n FROM c GROUP BY c.pk", """[{"pk":"a","n":2},{"pk":"b","n":2},{"pk":"c","n":1}]""")]
    [InlineData("SELECT DISTINCT VALUE c.pk FROM c", """["a","b","c"]""")]
    [InlineData("SELECT DISTINCT VALUE t FROM c JOIN t IN c.tags", """["x","y"]""")]
    [InlineData("SELECT DISTINCT VALUE c.pk FROM c ORDER BY c.pk DESC", """["c","b","a"]""")]
    [InlineData("""SELECT c._rid = c._rid AS same, [{"item": c.n}] AS orderByItems, c.id AS payload FROM c WHERE (c.n > 1) AND (true) ORDER BY c.n""",
        """[{"same":true,"orderByItems":[{"item":2}],"payload":"2"},{"same":true,"orderByItems":[{"item":2.5}],"payload":"5"},{"same":true,"orderByItems":[{"item":3}],"payload":"3"}]""")]
    [InlineData("""SELECT VALUE [{"item": COUNT(1)}] FROM c""", """[[{"item":5}]]""")]
    [InlineData("""SELECT [{"item": c.pk}] AS groupByItems, {"n": {"item": COUNT(1)}} AS payload FROM c WHERE c.pk = 'a' GROUP BY c.pk""", """[{"groupByItems":[{"item":"a"}],"payload":{"n":{"item":2}}}]""")]
    public async Task A_query_gives(string query, string expected)
    {
        foreach (var (container, how) in fixture.Containers)
        {
            // Sent as it is to the one range, or planned first: both ways that the SDK has.
            foreach (var (size, direct) in new[] { (-1, true), (1, true), (2, false) })
            {
                var options = new QueryRequestOptions { MaxItemCount = size, EnableOptimisticDirectExecution = direct };
                var found = await Rows(container.GetItemQueryIterator<JToken>(query, requestOptions: options));
                Text(found, query).Should().Be(Text(JArray.Parse(expected), query), "of {0} with pages of {1}, direct: {2}", how, size, direct);
            }
        }
    }

    [Theory]
    [InlineData("SELECT FROM c", "Syntax error")]
    [InlineData("SELECT * FROM c WHERE", "Syntax error")]
    [InlineData("SELECT * FROM c WHERE d.x = 1", "'d' could not be resolved")]
    [InlineData("SELECT * FROM c JOIN t IN c.tags", "only valid with a single input set")]
    [InlineData("SELECT * FROM c WHERE udf.f(c)", "user-defined functions")]
    [InlineData("SELECT * FROM c WHERE ST_DISTANCE(c.a, c.b) < 1", "'ST_DISTANCE' is not a built-in function")]
    [InlineData("SELECT * FROM c ORDER BY c.n, c.name", "does not have a corresponding composite index")]
    [InlineData("SELECT * FROM c ORDER BY c.pk, c.n", "does not have a corresponding composite index")]
    [InlineData("SELECT * FROM c ORDER BY c.n + 1", "could not be mapped to a document path")]
    [InlineData("SELECT * FROM c ORDER BY c.hidden", "order-by item is excluded")]
    [InlineData("SELECT c.id, COUNT(1) FROM c", "'c' could not be resolved")]
    [InlineData("SELECT DISTINCT COUNT(1) FROM c GROUP BY c.pk", "DISTINCT together with GROUP BY")]
    [InlineData("SELECT VALUE COUNT(1) FROM c ORDER BY c.n", "ORDER BY together with aggregates")]
    [InlineData("SELECT c.pk FROM c GROUP BY c.pk ORDER BY c.pk", "'ORDER BY' is not supported in presence of 'GROUP BY'")]
    [InlineData("SELECT VALUE ARRAY(SELECT VALUE t FROM t IN c.tags ORDER BY t) FROM c", "ORDER BY in a subquery")]
    [InlineData("SELECT TOP 1 * FROM c OFFSET 1 LIMIT 1", "cannot be used together")]
    [InlineData("SELECT TOP -1 * FROM c", "Syntax error")]
    [InlineData("SELECT * FROM c WHERE COUNT(1) > 1", "only allowed in the SELECT clause")]
    [InlineData("SELECT * FROM c WHERE c.n = @absent", "'@absent' has no value")]
    [InlineData("SELECT c.id, c.id FROM c", "more than once")]
    public async Task A_query_that_cannot_be_answered_is_refused(string query, string message)
    {
        var run = () => Rows(fixture.Containers[0].Container.GetItemQueryIterator<JToken>(query));
        var refused = (await run.Should().ThrowAsync<CosmosException>()).Which;
        refused.StatusCode.Should().BeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.NotImplemented);
        refused.Message.Should().Contain(message);
    }

    [Fact]
    public async Task Parameters_are_values_and_never_text()
    {
        var query = new QueryDefinition("SELECT VALUE c.id FROM c WHERE c.name = @name OR c.n = @n").WithParameter("@name", "Ada' OR true --").WithParameter("@n", 3);
        (await Rows(fixture.Containers[0].Container.GetItemQueryIterator<string>(query))).Should().Equal("3");
    }

    [Fact]
    public async Task A_query_in_one_partition_sees_only_that_partition()
    {
        var options = new QueryRequestOptions { PartitionKey = new PartitionKey("b") };
        (await Rows(fixture.Containers[0].Container.GetItemQueryIterator<JObject>("SELECT * FROM c", requestOptions: options))).Should().HaveCount(2);
        (await Rows(fixture.Containers[0].Container.GetItemQueryIterator<int>("SELECT VALUE COUNT(1) FROM c", requestOptions: options))).Should().Equal(2);
        (await Rows(fixture.Containers[0].Container.GetItemQueryIterator<JObject>((string?)null, requestOptions: options))).Should().HaveCount(2);
    }

    [Fact]
    public async Task An_order_holds_documents_without_the_property_where_the_policy_names_it()
    {
        foreach (var (container, how) in fixture.Containers)
        {
            var found = await Rows(container.GetItemQueryIterator<string>("SELECT VALUE c.id FROM c ORDER BY c.name"));
            found.Should().Equal(how == "named paths" ? ["5", "1", "3", "2", "4"] : ["1", "3", "2", "4"]);
        }
    }

    [Fact]
    public async Task Many_items_are_read_at_once()
    {
        var found = await fixture.Containers[0].Container.ReadManyItemsAsync<JObject>([("1", new PartitionKey("a")), ("4", new PartitionKey("b")), ("4", new PartitionKey("a"))]);
        found.Select(i => i["id"]!.Value<string>()).Should().BeEquivalentTo("1", "4");
    }

    [Fact]
    public async Task A_page_goes_on_where_it_stopped_whatever_is_written_in_between()
    {
        var container = await fixture.Host.NewContainer();
        for (var i = 0; i < 20; i++) { await container.CreateItemAsync(ItemTests.Item($"{i:00}", "a", ("n", i)), new PartitionKey("a")); }
        var pages = container.GetItemQueryIterator<JObject>("SELECT * FROM c ORDER BY c.n", requestOptions: new QueryRequestOptions { MaxItemCount = 5 });
        var first = await pages.ReadNextAsync();
        await container.DeleteItemAsync<JObject>("04", new PartitionKey("a"));
        await container.DeleteItemAsync<JObject>("05", new PartitionKey("a"));
        await container.CreateItemAsync(ItemTests.Item("new", "a", ("n", 2.5)), new PartitionKey("a"));
        var resumed = container.GetItemQueryIterator<JObject>("SELECT * FROM c ORDER BY c.n", first.ContinuationToken, new QueryRequestOptions { MaxItemCount = 5 });
        (await Rows(resumed)).Select(i => i["n"]!.Value<int>()).Should().Equal(Enumerable.Range(6, 14));
    }

    /// <summary>Without ORDER BY the order of results is nobody's promise.</summary>
    private static string Text(IEnumerable<JToken> rows, string query)
    {
        var texts = rows.Select(r => r.ToString(Formatting.None));
        return string.Join('\n', query.Contains("ORDER BY", StringComparison.Ordinal) ? texts : texts.Order(StringComparer.Ordinal));
    }

    internal static async Task<List<T>> Rows<T>(FeedIterator<T> pages)
    {
        var rows = new List<T>();
        while (pages.HasMoreResults) { rows.AddRange(await pages.ReadNextAsync()); }
        return rows;
    }

    public sealed class Fixture : IAsyncLifetime
    {
        public CosmosHost Host { get; } = new();
        public IReadOnlyList<(Container Container, string How)> Containers { get; private set; } = [];

        public async Task InitializeAsync()
        {
            await Host.InitializeAsync();
            Containers =
            [
                (await Filled(new IndexingPolicy { ExcludedPaths = { new ExcludedPath { Path = "/hidden/?" } }, IncludedPaths = { new IncludedPath { Path = "/*" } } }), "a wildcard policy"),
                (await Filled(new IndexingPolicy { ExcludedPaths = { new ExcludedPath { Path = "/*" } }, IncludedPaths = { new IncludedPath { Path = "/n/?" }, new IncludedPath { Path = "/pk/?" }, new IncludedPath { Path = "/name/*" }, new IncludedPath { Path = "/tags/[]/?" } } }), "named paths"),
            ];
        }

        public Task DisposeAsync() => Host.DisposeAsync();

        private async Task<Container> Filled(IndexingPolicy policy)
        {
            policy.CompositeIndexes.Add([new CompositePath { Path = "/pk", Order = CompositePathSortOrder.Ascending }, new CompositePath { Path = "/n", Order = CompositePathSortOrder.Descending }]);
            var container = await Host.NewContainer(configure: p => p.IndexingPolicy = policy);
            foreach (var document in Documents)
            {
                var item = JObject.Parse(document);
                await container.CreateItemAsync(item, new PartitionKey(item["pk"]!.Value<string>()));
            }
            return container;
        }
    }
}
