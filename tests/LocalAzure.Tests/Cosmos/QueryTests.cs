using System.Net;
using System.Text;
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
    [InlineData("SELECT VALUE c.id FROM c WHERE c.n != 2", """["1","3","4","5"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE NOT (c.n = 2)", """["1","3","4","5"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE NOT (c.n < 2)", """["2","3","5"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.nil != null", """["4"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.nil != 1", """["3"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.name != null AND c.n != null", """["1","2","3","4"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.sub != {'k': 'v'}", """["2"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.tags != ['y']", """["1","3"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.n != c.nil", """["3","4"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.nil = null", """["3"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE NOT IS_DEFINED(c.nil)", """["1","2","5"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.on", """["1"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.on = false OR c.n = 3", """["2","3"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.absent = 1 OR c.n = 3", """["3"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.n IN (1, '3', true)", """["1","4"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.n NOT IN (1, 2, 3)", """["4","5"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.on NOT IN (1, 'x')", """["1","2"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.n BETWEEN 2 AND 3", """["2","3","5"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.name LIKE '%o%'", """["2","3"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.name LIKE '_d[a-c]'", """["1"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.name LIKE 'C%'", """["3"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.name LIKE '!C%' ESCAPE '!'", """["3"]""")]
    [InlineData("SELECT VALUE '20%' LIKE '20!%' ESCAPE '!'", "[true]")]
    [InlineData("SELECT VALUE c.id FROM c WHERE STARTSWITH(c.name, 'a', true)", """["1"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.tags, 'y')", """["1","2"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.tags, 'x') AND ARRAY_CONTAINS(c.tags, 'y')", """["1"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.items, {'sku': 'p'}, true)", """["5"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE EXISTS (SELECT VALUE t FROM t IN c.tags WHERE t > 'w')", """["1","2"]""")]
    [InlineData("SELECT VALUE c.id FROM c WHERE ALL(SELECT VALUE t FROM t IN c.tags WHERE t > 'x')", """["2","3","4","5"]""")]
    [InlineData("SELECT VALUE FIRST(SELECT VALUE t FROM t IN c.tags) FROM c", """["x","y"]""")]
    [InlineData("SELECT VALUE LAST(SELECT VALUE t FROM t IN c.tags) FROM c", """["y","y"]""")]
    [InlineData("SELECT c.id AS first, c.all AS last FROM c WHERE c.id = '1'", """[{"first":"1"}]""")]
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
    [InlineData("SELECT VALUE COUNTIF(c.pk = 'a') FROM c", "[2]")]
    [InlineData("SELECT c.pk, COUNTIF(c.n > 1) AS n FROM c GROUP BY c.pk", """[{"pk":"a","n":1},{"pk":"b","n":1},{"pk":"c","n":1}]""")]
    [InlineData("SELECT COUNT(1) AS n FROM (SELECT DISTINCT c.pk FROM c)", """[{"n":3}]""")]
    [InlineData("SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.pk FROM c WHERE c.n > 1) AS p", "[3]")]
    [InlineData("SELECT VALUE COUNT(t) FROM (SELECT DISTINCT VALUE t FROM c JOIN t IN c.tags) AS t", "[2]")]
    [InlineData("SELECT VALUE COUNT(1) FROM (SELECT VALUE root FROM root WHERE root.n > 1) AS v", "[3]")]
    [InlineData("SELECT VALUE v.id FROM (SELECT VALUE root FROM root WHERE root.pk = 'a') AS v WHERE v.n > 1", """["2"]""")]
    [InlineData("SELECT VALUE t FROM t IN (SELECT VALUE c.tags FROM c)", """["x","y","y"]""")]
    [InlineData("SELECT c.id, s FROM c JOIN (SELECT i.sku AS of, SUM(i.q) AS q FROM i IN c.items GROUP BY i.sku) s", """[{"id":"5","s":{"of":"p","q":2}},{"id":"5","s":{"of":"r","q":5}}]""")]
    [InlineData("SELECT c.pk, COUNT(1) AS n FROM c GROUP BY c.pk", """[{"pk":"a","n":2},{"pk":"b","n":2},{"pk":"c","n":1}]""")]
    [InlineData("SELECT DISTINCT VALUE c.pk FROM c", """["a","b","c"]""")]
    [InlineData("SELECT DISTINCT VALUE t FROM c JOIN t IN c.tags", """["x","y"]""")]
    [InlineData("SELECT DISTINCT VALUE c.pk FROM c ORDER BY c.pk DESC", """["c","b","a"]""")]
    [InlineData("""SELECT c._rid = c._rid AS same, [{"item": c.n}] AS orderByItems, c.id AS payload FROM c WHERE (c.n > 1) AND (true) ORDER BY c.n""",
        """[{"same":true,"orderByItems":[{"item":2}],"payload":"2"},{"same":true,"orderByItems":[{"item":2.5}],"payload":"5"},{"same":true,"orderByItems":[{"item":3}],"payload":"3"}]""")]
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

    /// <summary>Without FROM there is one row, whatever the container holds.</summary>
    [Theory]
    [InlineData("SELECT VALUE 1", "[1]")]
    [InlineData("SELECT 1 AS a, 'x'", """[{"a":1,"$1":"x"}]""")]
    [InlineData("SELECT VALUE undefined", "[]")]
    [InlineData("SELECT VALUE 1 WHERE 1 = 2", "[]")]
    [InlineData("SELECT DISTINCT VALUE 1 OFFSET 0 LIMIT 1", "[1]")]
    [InlineData("SELECT VALUE (SELECT VALUE 1 + 1)", "[2]")]
    [InlineData("SELECT VALUE { countScalar: COUNT(1), countExpression: COUNT(2 + 3) }", """[{"countScalar":1,"countExpression":1}]""")]
    [InlineData("SELECT VALUE [1 = '1', 1 != null, null = false, [1] != {}, {} = {}, 1 < '2', undefined != 1]", "[[false,true,false,true,true]]")]
    [InlineData("SELECT VALUE [1 IN ('1', 1), 1 NOT IN ('1', null), NOT (1 = '1')]", "[[true,true,true]]")]
    [InlineData("SELECT VALUE [100 >> 2, 100 << 2, 100 >>> 0, 100 & 1000, 100 | 1000, 100 ^ 1000]", "[[25,400,100,96,1004,908]]")]
    [InlineData("SELECT VALUE [1 << 33, -8 >> 1, -1 >>> 0, 2147483648 | 0, 1e20 | 0, ~5, 2.9 << 1, 1 << 'x']", "[[2,-4,4294967295,-2147483648,1661992960,-6,4]]")]
    [InlineData("SELECT VALUE [IntAdd(20, 5), IntSub(20, 5), IntMul(20, 5), IntDiv(20, 6), IntMod(20, 6), IntDiv(1, 0), IntAdd(1.5, 1)]", "[[25,15,100,3,2]]")]
    [InlineData("SELECT VALUE [IntBitLeftShift(16, 4), IntBitRightShift(16, 4), IntBitAnd(15, 25), IntBitOr(15, 25), IntBitXor(56, 100), IntBitNot(65), IntBitLeftShift(16, 0.4)]", "[[256,1,9,31,92,-66]]")]
    public async Task A_query_without_a_container_gives(string query, string expected)
    {
        var empty = await fixture.Host.NewContainer();
        foreach (var container in fixture.Containers.Select(c => c.Container).Append(empty))
        {
            var inOne = new QueryRequestOptions { PartitionKey = new PartitionKey("a") };
            Text(await Rows(container.GetItemQueryIterator<JToken>(query, requestOptions: inOne)), query).Should().Be(Text(JArray.Parse(expected), query));
            Text(await Rows(container.GetItemQueryIterator<JToken>(query)), query).Should().Be(Text(JArray.Parse(expected), query));
        }
    }

    [Fact]
    public async Task A_query_on_databases_or_containers_without_FROM_gives_one_row_too()
    {
        (await Rows(fixture.Host.Client.GetDatabaseQueryIterator<int>("SELECT VALUE 1"))).Should().Equal(1);
        (await Rows(fixture.Host.Database.GetContainerQueryIterator<int>("SELECT VALUE COUNT(1)"))).Should().Equal(1);
    }

    /// <summary>The examples of the reference, and its remarks on what is undefined.</summary>
    [Theory]
    [InlineData("""DateTimeAdd("yyyy", 1, "2020-07-03T00:00:00.0000000")""", "2021-07-03T00:00:00.0000000Z")]
    [InlineData("""DateTimeAdd("mm", -1, "2020-07-31T00:00:00.0000000Z")""", "2020-06-30T00:00:00.0000000Z")]
    [InlineData("""DateTimeAdd("ss", 5 * -5, "2020-07-03T00:00:00.0000000")""", "2020-07-02T23:59:35.0000000Z")]
    [InlineData("""DateTimeAdd("ns", 300, "2020-07-03T00:00:00")""", "2020-07-03T00:00:00.0000003Z")]
    [InlineData("""DateTimeAdd("hour", 1.5, "2020-07-03T00:00:00.0000000")""", null)]
    [InlineData("""DateTimeAdd("week", 1, "2020-07-03T00:00:00.0000000")""", null)]
    [InlineData("""DateTimeAdd("dd", 1, "yesterday")""", null)]
    [InlineData("""DateTimeAdd("yyyy", 9000, "2020-07-03T00:00:00.0000000")""", null)]
    [InlineData("""DateTimeDiff("yyyy", "2028-01-01T01:02:03.1234527Z", "2020-01-03T01:02:03.1234567Z")""", -8d)]
    [InlineData("""DateTimeDiff("mm", "2019-02-04T16:00:00.0000000", "2018-03-05T05:00:00.0000000")""", -11d)]
    [InlineData("""DateTimeDiff("dd", "2018-03-05T05:00:00.0000000", "2019-02-04T16:00:00.0000000")""", 336d)]
    [InlineData("""DateTimeDiff("hh", "2018-03-05T05:00:00.0000000", "2019-02-04T16:00:00.0000000")""", 8075d)]
    [InlineData("""DateTimeDiff("ss", "2019-02-04T16:00:00.0000000", "2018-03-05T05:00:00.0000000")""", -29070000d)]
    [InlineData("""DateTimeDiff("hh", "2020-01-01T01:00:00.1234527Z", "2020-01-01T01:59:59.1234567Z")""", 0d)]
    [InlineData("""DateTimeDiff("ns", "2020-01-01T01:00:00.0000001Z", "2020-01-01T01:00:00.0000003Z")""", 200d)]
    [InlineData("""DateTimeDiff("diffDays", "2018-03-05T05:00:00.0000000", "2019-02-04T16:00:00.0000000")""", null)]
    [InlineData("""DateTimePart("yyyy", "2016-05-29T08:30:00.1301617")""", 2016d)]
    [InlineData("""DateTimePart("mi", "2016-05-29T08:30:00.1301617")""", 30d)]
    [InlineData("""DateTimePart("ms", "2016-05-29T08:30:00.1301617")""", 130d)]
    [InlineData("""DateTimePart("mcs", "2016-05-29T08:30:00.1301617")""", 130161d)]
    [InlineData("""DateTimePart("ns", "2016-05-29T08:30:00.1301617")""", 130161700d)]
    [InlineData("""DateTimePart("yyyy", 2016)""", null)]
    [InlineData("""DateTimeBin("2021-01-08T18:35:00.0000000", "dd")""", "2021-01-08T00:00:00.0000000Z")]
    [InlineData("""DateTimeBin("2021-01-08T18:35:00.0000000", "hh", 5)""", "2021-01-08T15:00:00.0000000Z")]
    [InlineData("""DateTimeBin("2021-01-08T18:35:00.0000000", "dd", 7)""", "2021-01-07T00:00:00.0000000Z")]
    [InlineData("""DateTimeBin("2021-01-08T18:35:00.0000000", "dd", 7, "1601-01-01T00:00:00.0000000")""", "2021-01-04T00:00:00.0000000Z")]
    [InlineData("""DateTimeBin("1969-12-31T18:35:00.0000000", "dd")""", "1969-12-31T00:00:00.0000000Z")]
    [InlineData("""DateTimeBin("2021-01-08T18:35:00.0000000", "mm")""", null)]
    [InlineData("""DateTimeBin("2021-01-08T18:35:00.0000000", "dd", 0)""", null)]
    [InlineData("""DateTimeBin("2021-01-08T18:35:00.0000000", "dd", 7, "1600-12-31T00:00:00.0000000")""", null)]
    [InlineData("DateTimeFromParts(2017, 4, 20)", "2017-04-20T00:00:00.0000000Z")]
    [InlineData("DateTimeFromParts(2017, 4, 20, 13, 15, 20, 3456789)", "2017-04-20T13:15:20.3456789Z")]
    [InlineData("DateTimeFromParts(-2000, -1, -1)", null)]
    [InlineData("DateTimeFromParts(2017, 2, 29)", null)]
    [InlineData("""DateTimeToTicks("2015-05-19T12:00:00.0000000")""", 14320368000000000d)]
    [InlineData("""DateTimeToTimestamp("2015-05-19T12:00:00.0000000")""", 1432036800000d)]
    [InlineData("TicksToDateTime(15973607943002652)", "2020-08-13T23:19:54.3002652Z")]
    [InlineData("TicksToDateTime(-116444736000000000)", "1601-01-01T00:00:00.0000000Z")]
    [InlineData("TicksToDateTime(1e300)", null)]
    [InlineData("TimestampToDateTime(1432036800000)", "2015-05-19T12:00:00.0000000Z")]
    [InlineData("TimestampToDateTime('now')", null)]
    public async Task A_date_function_gives(string call, object? expected)
    {
        var (container, query) = (fixture.Containers[0].Container, $"SELECT VALUE {call}");
        switch (expected)
        {
            case string text: (await Rows(container.GetItemQueryIterator<string>(query))).Should().Equal(text); break;
            case double number: (await Rows(container.GetItemQueryIterator<double>(query))).Should().Equal(number); break;
            default: (await Rows(container.GetItemQueryIterator<JToken>(query))).Should().BeEmpty(); break;
        }
    }

    [LocalFact]
    public async Task The_current_time_is_one_instant_for_the_whole_query_and_counts_from_1970()
    {
        var before = fixture.Host.Clock.GetUtcNow();
        var found = await Rows(fixture.Containers[0].Container.GetItemQueryIterator<JArray>(
            """
            SELECT VALUE [GetCurrentTicks(), GetCurrentTicks() = GetCurrentTicksStatic(), GetCurrentTicks() = DateTimeToTicks(GetCurrentDateTime()),
                GetCurrentTimestamp() = DateTimeToTimestamp(GetCurrentDateTimeStatic()), GetCurrentTimestamp() = GetCurrentTimestampStatic()]
            """));
        var at = DateTimeOffset.UnixEpoch.AddTicks(found[0][0].Value<long>());
        at.Should().BeOnOrAfter(before.AddMilliseconds(-1)).And.BeOnOrBefore(fixture.Host.Clock.GetUtcNow().AddMilliseconds(1));
        found[0].Skip(1).Select(same => same.Value<bool>()).Should().Equal(true, true, true, true);
    }

    [Theory]
    [InlineData("SELECT FROM c", "Syntax error")]
    [InlineData("SELECT * FROM c WHERE", "Syntax error")]
    [InlineData("SELECT *", "'SELECT *' is not valid if FROM clause is omitted")]
    [InlineData("SELECT VALUE root.id", "'root' could not be resolved")]
    [InlineData("SELECT * FROM c WHERE d.x = 1", "'d' could not be resolved")]
    [InlineData("SELECT * FROM c JOIN t IN c.tags", "only valid with a single input set")]
    [InlineData("SELECT BADFUNC(c.n) FROM c", "'BADFUNC' is not a recognized built-in function name")]
    [InlineData("SELECT VALUE STARTSWITH(c.name, 'a', true, 1) FROM c", "The STARTSWITH function requires 2 to 3 argument(s)")]
    [InlineData("SELECT VALUE GetCurrentTicks(1)", "The GETCURRENTTICKS function requires 0 argument(s)")]
    [InlineData("SELECT * FROM c ORDER BY c.n, c.name", "does not have a corresponding composite index")]
    [InlineData("SELECT * FROM c ORDER BY c.pk, c.n", "does not have a corresponding composite index")]
    [InlineData("SELECT * FROM c ORDER BY c.n + 1", "could not be mapped to a document path")]
    [InlineData("SELECT * FROM c ORDER BY c.hidden", "order-by item is excluded")]
    [InlineData("SELECT c.id, COUNT(1) FROM c", "Property reference 'c.id' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause")]
    [InlineData("SELECT c.pk, c.sub.k FROM c GROUP BY c.pk", "Property reference 'c.sub.k' is invalid in the select list")]
    [InlineData("SELECT d.id, COUNT(1) FROM c", "'d' could not be resolved")]
    [InlineData("SELECT VALUE MAX(MIN(c.n)) FROM c", "Cannot perform an aggregate function on an expression containing an aggregate or a subquery")]
    [InlineData("SELECT VALUE SUM((SELECT VALUE c.n)) FROM c", "Cannot perform an aggregate function on an expression containing an aggregate or a subquery")]
    [InlineData("SELECT c.pk FROM c GROUP BY c.pk ORDER BY c.pk", "'ORDER BY' is not supported in presence of 'GROUP BY'")]
    [InlineData("SELECT TOP 1 * FROM c OFFSET 1 LIMIT 1", "cannot be used together")]
    [InlineData("SELECT TOP -1 * FROM c", "Syntax error")]
    [InlineData("SELECT * FROM c WHERE COUNT(1) > 1", "only allowed in the SELECT clause")]
    [InlineData("SELECT * FROM c WHERE c.n = @absent", "'@absent' has no value")]
    [InlineData("SELECT c.id, c.id FROM c", "more than once")]
    [InlineData("SELECT * FROM c WHERE c.name LIKE 'a' ESCAPE '!!'", "ESCAPE needs a string of one character")]
    [InlineData("SELECT * FROM c WHERE c.name LIKE 'a' ESCAPE ''", "ESCAPE needs a string of one character")]
    [InlineData("SELECT * FROM c WHERE c.name LIKE 'a' ESCAPE c.name", "ESCAPE needs a string of one character")]
    public async Task A_query_that_the_language_does_not_allow_is_refused_with_400(string query, string message) =>
        await Refused(query, message, HttpStatusCode.BadRequest);

    [Theory]
    [InlineData("SELECT * FROM c WHERE udf.f(c)", "user-defined functions")]
    [InlineData("SELECT * FROM c WHERE ST_DISTANCE(c.a, c.b) < 1", "spatial functions (ST_DISTANCE)")]
    [InlineData("SELECT * FROM c WHERE FullTextContains(c.name, 'a')", "full-text search (FULLTEXTCONTAINS)")]
    [InlineData("SELECT * FROM c WHERE FullTextContainsAny(c.name, 'a', 'b')", "full-text search (FULLTEXTCONTAINSANY)")]
    [InlineData("SELECT TOP 3 * FROM c ORDER BY RANK FullTextScore(c.name, 'a')", "ORDER BY RANK")]
    [InlineData("SELECT VALUE VectorDistance(c.a, [1]) FROM c", "vector search (VECTORDISTANCE)")]
    [InlineData("SELECT VALUE CHOOSE('a', 'b', 1)", "the function CHOOSE")]
    [InlineData("SELECT DISTINCT COUNT(1) FROM c GROUP BY c.pk", "DISTINCT together with GROUP BY")]
    [InlineData("SELECT VALUE COUNT(1) FROM c ORDER BY c.n", "ORDER BY together with aggregates")]
    [InlineData("SELECT VALUE ARRAY(SELECT VALUE t FROM t IN c.tags ORDER BY t) FROM c", "ORDER BY in a subquery")]
    [InlineData("SELECT * FROM (SELECT DISTINCT VALUE c.pk FROM c) AS p", "a subquery with DISTINCT in FROM, other than to count its rows")]
    [InlineData("SELECT VALUE t FROM t IN (SELECT VALUE [3])", "a subquery in FROM that names no container")]
    [InlineData("SELECT VALUE p FROM (SELECT TOP 1 VALUE c.pk FROM c) AS p", "a subquery with TOP, OFFSET LIMIT, GROUP BY or aggregates in FROM")]
    [InlineData("SELECT VALUE COUNT(1) FROM (SELECT c.pk FROM c GROUP BY c.pk) AS p", "a subquery with TOP, OFFSET LIMIT, GROUP BY or aggregates in FROM")]
    [InlineData("SELECT COUNT(1) AS n, ARRAY(SELECT VALUE t FROM t IN c.tags) AS t FROM c", "a subquery that names 'c' beside aggregates or GROUP BY")]
    public async Task A_query_that_LocalAzure_does_not_implement_is_named_with_501(string query, string named) =>
        await Refused(query, $"LocalAzure does not implement {named}", HttpStatusCode.NotImplemented);

    /// <summary>Over all partitions an aggregate stands alone; in one partition it may be part of an expression.</summary>
    [Theory]
    [InlineData("SELECT COUNT(1) + 5 AS n FROM c", """[{"n":7}]""")]
    [InlineData("SELECT VALUE {'sum': SUM(c.n)} FROM c", """[{"sum":3}]""")]
    [InlineData("SELECT VALUE [SUM(c.n)] FROM c", "[[3]]")]
    [InlineData("SELECT VALUE FLOOR(AVG(c.n)) FROM c", "[1]")]
    [InlineData("SELECT c.pk, ABS(AVG(c.n)) AS mean FROM c GROUP BY c.pk", """[{"pk":"a","mean":1.5}]""")]
    [InlineData("SELECT VALUE (COUNT(v) > 0) FROM (SELECT VALUE root FROM root) AS v", "[true]")]
    public async Task An_expression_over_aggregates_is_refused_across_partitions(string query, string inOnePartition)
    {
        await Refused(query, "Compositions of aggregates and other expressions are not allowed.", HttpStatusCode.BadRequest);
        foreach (var direct in new[] { false, true })
        {
            var options = new QueryRequestOptions { PartitionKey = new PartitionKey("a"), EnableOptimisticDirectExecution = direct };
            var found = await Rows(fixture.Containers[0].Container.GetItemQueryIterator<JToken>(query, requestOptions: options));
            Text(found, query).Should().Be(Text(JArray.Parse(inOnePartition), query));
        }
    }

    /// <summary>SDKs that plan for themselves rewrite aggregates and send the result to a partition key range: there it is answered.</summary>
    [Theory]
    [InlineData("""SELECT VALUE [{"item": COUNT(1)}] FROM c""", """[[{"item":5}]]""")]
    [InlineData("""SELECT [{"item": c.pk}] AS groupByItems, {"n": {"item": COUNT(1)}} AS payload FROM c WHERE c.pk = 'a' GROUP BY c.pk""", """[{"groupByItems":[{"item":"a"}],"payload":{"n":{"item":2}}}]""")]
    public async Task A_rewritten_query_is_answered_by_its_range(string query, string expected)
    {
        using var http = fixture.Host.NewHttp();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"dbs/{fixture.Host.Database.Id}/colls/{fixture.Containers[0].Container.Id}/docs");
        fixture.Host.Authorize(request);
        request.Headers.TryAddWithoutValidation("x-ms-documentdb-isquery", "true");
        request.Headers.TryAddWithoutValidation("x-ms-documentdb-partitionkeyrangeid", "0");
        request.Content = new StringContent(new JObject { ["query"] = query }.ToString(), Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        JObject.Parse(await answer.Content.ReadAsStringAsync())["Documents"]!.ToString(Formatting.None).Should().Be(expected);
    }

    /// <summary>A composite index holds an array or an object as undefined: it sorts first, and a filter still finds it.</summary>
    [Fact]
    public async Task An_order_by_several_properties_takes_arrays_and_objects_for_undefined()
    {
        var container = await fixture.Host.NewContainer(configure: p => p.IndexingPolicy.CompositeIndexes.Add(
        [
            new CompositePath { Path = "/pk", Order = CompositePathSortOrder.Ascending },
            new CompositePath { Path = "/n", Order = CompositePathSortOrder.Ascending },
            new CompositePath { Path = "/id", Order = CompositePathSortOrder.Ascending },
        ]));
        foreach (var (id, n) in new (string, JToken?)[] { ("1", "x"), ("2", new JArray(1)), ("3", null), ("4", new JObject { ["k"] = 1 }), ("5", JValue.CreateNull()), ("6", 7) })
        {
            var item = new JObject { ["id"] = id, ["pk"] = "a" };
            if (n is not null) { item["n"] = n; }
            await container.CreateItemAsync(item, new PartitionKey("a"));
        }

        (await Ids("WHERE c.pk = 'a' ORDER BY c.pk, c.n, c.id")).Should().Equal("2", "3", "4", "5", "6", "1");
        (await Ids("WHERE c.pk = 'a' ORDER BY c.pk DESC, c.n DESC, c.id DESC")).Should().Equal("1", "6", "5", "4", "3", "2");
        (await Ids("WHERE c.pk = 'a' AND c.n = [1] ORDER BY c.pk, c.n, c.id")).Should().Equal("2");
        (await Ids("WHERE c.pk = 'a' AND NOT IS_DEFINED(c.n) ORDER BY c.pk, c.n, c.id")).Should().Equal("3");
        (await Ids("WHERE c.pk = 'a' AND IS_DEFINED(c.n) ORDER BY c.pk, c.n, c.id")).Should().Equal("2", "4", "5", "6", "1");

        async Task<List<string>> Ids(string rest) => await Rows(container.GetItemQueryIterator<string>($"SELECT VALUE c.id FROM c {rest}"));
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

    private async Task Refused(string query, string message, HttpStatusCode status)
    {
        foreach (var direct in new[] { false, true })
        {
            var options = new QueryRequestOptions { EnableOptimisticDirectExecution = direct };
            var run = () => Rows(fixture.Containers[0].Container.GetItemQueryIterator<JToken>(query, requestOptions: options));
            var refused = (await run.Should().ThrowAsync<CosmosException>("direct: {0}", direct)).Which;
            refused.Message.Should().Contain(message);
            refused.StatusCode.Should().Be(status);
        }
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
