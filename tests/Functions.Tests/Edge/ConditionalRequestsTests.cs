namespace CustomerFunctions.Tests.Edge;

/// <summary>RFC 9110 section 13 on every route that has an ETag, and what a PUT that creates answers.</summary>
public sealed class ConditionalRequestsTests(QuietRoutes quiet) : IClassFixture<QuietRoutes>
{
    private readonly App app = quiet.App;

    [Fact]
    public async Task Every_GET_with_an_ETag_answers_304_to_a_caller_that_has_it()
    {
        var one = await OneOfEach.In(app);
        var description = await app.Description;
        var withETag = new List<string>();
        foreach (var (_, path) in description.Routes.Where(route => route.Method == "GET"))
        {
            if (one.Url(path) is not { } url) { continue; }
            var api = one.CallerOf(path);
            var read = await api.Get(url);
            var documented = description.Document["paths"]![path]!["get"]!["responses"]!["304"] is not null;
            if (!read.Headers.Contains("ETag"))
            {
                documented.Should().BeFalse(path);
                continue;
            }

            withETag.Add(path);
            documented.Should().BeTrue(path);
            read.ShouldBe(200);
            foreach (var known in new[] { read.ETag, "W/" + read.ETag, "*", "\"other\", " + read.ETag })
            {
                var unchanged = (await Get(api, url, known)).ShouldBe(304);
                unchanged.Body.Should().BeEmpty();
                unchanged.ETag.Should().Be(read.ETag);
                unchanged.Headers.CacheControl!.ToString().Should().Be(read.Headers.CacheControl!.ToString());
            }
            foreach (var other in new[] { "\"other\"", "other", "" }) { (await Get(api, url, other)).ShouldBe(200).Body.Should().Be(read.Body); }
        }
        withETag.Should().HaveCount(12);
    }

    [Fact]
    public async Task What_an_answer_shows_beyond_its_document_has_another_ETag_and_the_earlier_one_still_guards_a_change()
    {
        var customer = (string)(await app.CreateCustomer())["id"]!;
        var made = (await app.Admin.Post($"/api/customers/{customer}/api-keys", new { name = "ci", expiresAt = (await app.Cloud.Now()).AddHours(1) })).ShouldBe(201);
        var path = $"/api/customers/{customer}/api-keys/{made["id"]}";
        var active = (await app.Admin.Get(path)).ShouldBe(200);
        (await Get(app.Admin, path, active.ETag)).ShouldBe(304);

        await app.Cloud.Advance(TimeSpan.FromHours(2));

        var expired = (await Get(app.Admin, path, active.ETag)).ShouldBe(200);
        ((string?)expired["state"]).Should().Be("expired");
        expired.ETag.Should().NotBe(active.ETag);
        (await app.Admin.Patch(path, new { name = "changed" }, active.ETag)).ShouldBe(200);
        (await app.Admin.Patch(path, new { name = "again" }, expired.ETag)).ShouldBeRefused(412, "stale");
    }

    [Theory]
    [InlineData("PUT", "", """{"name":"Ada","email":"{email}"}""")]
    [InlineData("PATCH", "", """{"displayName":"Countess"}""")]
    [InlineData("DELETE", "", null)]
    [InlineData("PUT", "/ip-rules", """{"networks":[]}""")]
    [InlineData("DELETE", "/ip-rules", null)]
    public async Task A_change_with_an_If_None_Match_that_matches_is_refused(string method, string below, string? body)
    {
        var customer = await app.CreateCustomer();
        var path = $"/api/customers/{customer["id"]}";
        body = body?.Replace("{email}", (string)customer["email"]!, StringComparison.Ordinal);
        foreach (var ifNoneMatch in new[] { "*", (string)customer["etag"]!, "W/" + customer["etag"] })
        {
            (await Send("*", ifNoneMatch)).ShouldBeRefused(412, "precondition-failed");
            (await Send(null, ifNoneMatch)).ShouldBeRefused(412, "precondition-failed");
        }
        (await Send("\"other\"", "\"other\"")).ShouldBeRefused(412, "stale");
        (await app.Admin.Get(path)).ShouldBe(200).ETag.Should().Be((string)customer["etag"]!, "nothing was changed");
        (await Send(null, "\"other\"")).ShouldBeRefused(428, "if-match-required");
        (await Send("*", "\"other\"")).Status.Should().BeOneOf(200, 204);

        Task<Answer> Send(string? ifMatch, string ifNoneMatch) => app.Admin.Send(Request(method, path + below, body, ifMatch, ifNoneMatch));
    }

    [Fact]
    public async Task If_Match_asterisk_takes_whatever_is_there_however_many_write_at_once()
    {
        const int AtOnce = 3;
        var one = await OneOfEach.In(app);
        var customer = one.Customer;
        var email = (string)(await app.Admin.Get(customer))["email"]!;
        var scope = "/subscriptions/7c1f7a53-4b0b-4b6c-9b5e-2a39d3f2c6a1/resourceGroups/one";
        (string Method, string Path, Func<int, string> Body)[] changes =
        [
            ("PUT", customer, n => $$"""{"name":"Ada {{n}}","email":"{{email}}"}"""),
            ("PATCH", customer, n => $$"""{"displayName":"Countess {{n}}"}"""),
            ("PUT", customer + "/ip-rules", n => $$"""{"networks":["10.{{n}}.0.0/16"]}"""),
            ("PUT", customer + "/quiet-hours", n => $$"""{"hours":[{"start":"0{{n}}:00","duration":"PT1H"}]}"""),
            ("PUT", customer + "/leak-response", n => n % 2 == 0 ? """{"response":"grace"}""" : """{"response":"revoke"}"""),
            ("PUT", customer + "/azure-scope", n => $$"""{"scope":"{{scope}}{{n}}"}"""),
            ("DELETE", customer + "/ip-rules", _ => ""),
            ("PATCH", $"{customer}/api-keys/{one["keyId"]}", n => $$"""{"name":"key {{n}}"}"""),
            ("PATCH", $"{customer}/service-accounts/{one["serviceAccountId"]}", n => $$"""{"displayName":"account {{n}}"}"""),
            ("PATCH", $"{customer}/service-accounts/{one["serviceAccountId"]}/rotation-policy", n => $$"""{"interval":"P9{{n}}D"}"""),
            ("PATCH", $"{customer}/webhooks/{one["webhookId"]}", n => $$"""{"description":"webhook {{n}}"}"""),
            ("PATCH", $"/api/accounts/{one["accountId"]}", n => $$"""{"name":"Ada {{n}}"}"""),
        ];
        // Whoever reads takes so long about it that all have read before one writes.
        await app.Cloud.Fault(new { service = "cosmos", kind = "latency", milliseconds = 30, share = 1.0, seconds = 600, operation = "^GET .*/docs/" });

        foreach (var (method, path, body) in changes)
        {
            var answers = await Task.WhenAll(Enumerable.Range(1, AtOnce).Select(n => app.Admin.Send(Request(method, path, body(n) is { Length: > 0 } text ? text : null, "*", null))));
            answers.Select(answer => answer.Status).Should().AllSatisfy(status => status.Should().BeOneOf([200, 204], "{0} {1}: {2}", method, path, string.Join('\n', answers.Select(answer => answer.Body))));
        }

        await app.Cloud.ClearFaults();
        var read = (await app.Admin.Get(customer)).ShouldBe(200);
        (await app.Admin.Patch(customer, new { displayName = "late" }, "\"other\"")).ShouldBeRefused(412, "stale");
        ((string)read["displayName"]!).Should().StartWith("Countess");
    }

    [Fact]
    public async Task A_PUT_that_creates_answers_201_and_one_that_changes_does_not()
    {
        var customer = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var (person, rep) = (await Person.SignedUp(app), await Person.Staff(app, "sales_rep"));
        var member = $"{customer}/members/{await person.Id()}";
        var assigned = $"{customer}/sales-reps/{await rep.Id()}";

        var made = (await app.Admin.Put(member, new { role = "viewer" })).ShouldBe(201);
        ((string)made["role"]!).Should().Be("viewer");
        (await app.Admin.Put(member, new { role = "viewer" })).ShouldBe(200);
        ((string)(await app.Admin.Put(member, new { role = "admin" })).ShouldBe(200)["role"]!).Should().Be("admin");
        (await app.Admin.Delete(member)).ShouldBe(204);
        (await app.Admin.Put(member, new { role = "viewer" })).ShouldBe(201);

        (await app.Admin.Put(assigned, "{}")).ShouldBe(201).Body.Should().BeEmpty();
        (await app.Admin.Put(assigned, "{}")).ShouldBe(204);
        (await app.Admin.Delete(assigned)).ShouldBe(204);
        (await app.Admin.Put(assigned, "{}")).ShouldBe(201);
    }

    [Fact]
    public async Task A_PATCH_of_another_type_is_told_the_type_that_every_PATCH_takes()
    {
        var one = await OneOfEach.In(app);
        var patches = (await app.Description).Routes.Where(route => route.Method == "PATCH").ToList();
        patches.Should().HaveCountGreaterThan(5);
        foreach (var (_, path) in patches)
        {
            var (url, api) = (one.Url(path)!, one.CallerOf(path));
            foreach (var type in new[] { "application/json-patch+json", "application/json", "text/plain" })
            {
                var refused = (await api.Send(HttpMethod.Patch, url, """[{"op":"remove","path":"/name"}]""", "*", type)).ShouldBeRefused(415, "unsupported-media-type");
                refused.Headers.GetValues("Accept-Patch").Should().Equal("application/merge-patch+json");
                ((string)refused["detail"]!).Should().Contain("application/merge-patch+json");
            }
        }
        var post = (await app.Admin.Send(HttpMethod.Post, "/api/customers", "{}", null, "text/plain")).ShouldBeRefused(415, "unsupported-media-type");
        post.Headers.Contains("Accept-Patch").Should().BeFalse();
        ((string)post["detail"]!).Should().Contain("application/json");
    }

    private static Task<Answer> Get(Api api, string path, string ifNoneMatch)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, api.Url(path));
        request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return api.Send(request);
    }

    private HttpRequestMessage Request(string method, string path, string? body, string? ifMatch, string? ifNoneMatch)
    {
        var request = new HttpRequestMessage(HttpMethod.Parse(method), app.Admin.Url(path));
        if (ifMatch is not null) { request.Headers.TryAddWithoutValidation("If-Match", ifMatch); }
        if (ifNoneMatch is not null) { request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch); }
        if (body is not null) { request.Content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue(method == "PATCH" ? "application/merge-patch+json" : "application/json")); }
        return request;
    }
}
