using CustomerFunctions.Edge;
using CustomerFunctions.SignIn;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerFunctions.Tests.Customers;

public sealed class ListCustomersTests
{
    [Theory]
    [InlineData("name", false)]
    [InlineData("name asc", false)]
    [InlineData("name desc", true)]
    public async Task Customers_come_in_the_order_that_is_asked_for(string orderBy, bool descending)
    {
        var (app, tag) = (await App.Shared, NewTag());
        string[] names = ["Zoe", "ada", "Ada", "Bob", "Éva", "中"];
        foreach (var name in names) { await app.CreateCustomer(name: $"{name} {tag}"); }

        var found = Names((await app.Admin.Get($"/api/customers?q={tag}&orderby={Uri.EscapeDataString(orderBy)}")).ShouldBe(200));

        var ordered = names.Order(StringComparer.Ordinal).Select(name => $"{name} {tag}");
        found.Should().Equal(descending ? ordered.Reverse() : ordered);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("&orderby=createdAt", false)]
    [InlineData("&orderby=createdAt%20desc", true)]
    public async Task By_default_the_oldest_come_first(string order, bool descending)
    {
        var (app, tag) = (await App.Shared, NewTag());
        for (var i = 0; i < 5; i++) { await app.CreateCustomer(name: $"c{i} {tag}"); }

        var found = Names((await app.Admin.Get($"/api/customers?q={tag}{order}")).ShouldBe(200));

        var expected = Enumerable.Range(0, 5).Select(i => $"c{i} {tag}");
        found.Should().Equal(descending ? expected.Reverse() : expected);
    }

    [Fact]
    public async Task Filters_are_and_ed()
    {
        var (app, tag) = (await App.Shared, NewTag());
        var suspended = await app.CreateCustomer(name: $"Ada Lovelace {tag}");
        await app.CreateCustomer(name: $"Ada Byron {tag}");
        (await app.Admin.Post($"/api/customers/{suspended["id"]}/deactivate")).ShouldBe(200);

        async Task<int> Count(string filter) => (await app.Admin.Get($"/api/customers?q={filter}")).ShouldBe(200)["value"]!.AsArray().Count;

        (await Count($"{tag}")).Should().Be(2);
        (await Count($"ADA%20{tag}")).Should().Be(2);
        (await Count($"lovelace%20{tag}")).Should().Be(1);
        (await Count($"lovelace%20byron%20{tag}")).Should().Be(0);
        (await Count($"{tag}&status=suspended")).Should().Be(1);
        (await Count($"{tag}&status=active")).Should().Be(1);
        (await Count($"{tag}&status=active&plan=trial")).Should().Be(1);
        (await Count($"{tag}&plan=trial&orderby=name%20desc")).Should().Be(2);
        (await Count($"{tag}&plan=gold")).Should().Be(0);
        (await Count($"{tag}&status=closed")).Should().Be(0);
    }

    [Theory]
    [InlineData("createdAt", 1)]
    [InlineData("name", 4)]
    [InlineData("name desc", 7)]
    [InlineData("createdAt desc", 20)]
    public async Task Paging_meets_everything_once_while_others_are_being_added(string orderBy, int pageSize)
    {
        var (app, tag) = (await App.Shared, NewTag());
        var ids = new List<string>();
        for (var i = 0; i < 20; i++) { ids.Add((string)(await app.CreateCustomer(name: $"{(i * 7) % 20:00} {tag}"))["id"]!); }

        var met = new List<string>();
        var next = $"/api/customers?q={tag}&orderby={Uri.EscapeDataString(orderBy)}&maxpagesize={pageSize}";
        for (var page = 0; next is not null; page++)
        {
            page.Should().BeLessThan(60, "paging comes to an end");
            var answer = (await app.Admin.Get(next)).ShouldBe(200);
            var value = answer["value"]!.AsArray();
            value.Count.Should().BeLessThanOrEqualTo(pageSize);
            met.AddRange(value.Select(customer => (string)customer!["id"]!));
            next = (string?)answer["nextLink"];
            answer.Object.ContainsKey("nextLink").Should().Be(next is not null, "there is no null nextLink");
            if (next is not null) { new Uri(next).IsAbsoluteUri.Should().BeTrue(); }
            if (page < 10) { await app.CreateCustomer(name: $"{page:00}x {tag}"); }
        }

        met.Should().OnlyHaveUniqueItems();
        met.Should().Contain(ids);
    }

    [Theory]
    [InlineData("status=gone", "?status")]
    [InlineData("status=Active", "?status")]
    [InlineData("orderby=email", "?orderby")]
    [InlineData("orderby=name%20up", "?orderby")]
    [InlineData("orderby=name,createdAt", "?orderby")]
    [InlineData("maxpagesize=0", "?maxpagesize")]
    [InlineData("maxpagesize=-1", "?maxpagesize")]
    [InlineData("maxpagesize=many", "?maxpagesize")]
    [InlineData("q=a", "?q")]
    [InlineData("q=%00", "?q")]
    [InlineData("continuation=abc", "?continuation")]
    [InlineData("continuation=%F0%9F%98%80", "?continuation")]
    [InlineData("top=5", "?top")]
    [InlineData("STATUS2=active", "?STATUS2")]
    public async Task A_wrong_parameter_is_named(string query, string field)
    {
        var app = await App.Shared;
        (await app.Admin.Get("/api/customers?" + query)).ShouldBeRefused(400, "invalid-request", field);
    }

    [Fact]
    public async Task An_empty_parameter_is_none()
    {
        var app = await App.Shared;
        (await app.Admin.Get("/api/customers?status=&plan=&q=&orderby=&maxpagesize=&continuation=")).ShouldBe(200);
    }

    [Fact]
    public async Task Texts_over_their_bounds_are_refused()
    {
        var app = await App.Shared;
        (await app.Admin.Get("/api/customers?plan=" + new string('p', 41))).ShouldBeRefused(400, "invalid-request", "?plan");
        (await app.Admin.Get("/api/customers?q=" + new string('q', 101))).ShouldBeRefused(400, "invalid-request", "?q");
    }

    [Fact]
    public async Task A_continuation_of_another_list_is_refused_rather_than_misread()
    {
        var (app, tag) = (await App.Shared, NewTag());
        for (var i = 0; i < 3; i++) { await app.CreateCustomer(name: $"{i} {tag}"); }
        var next = (string)(await app.Admin.Get($"/api/customers?q={tag}&maxpagesize=2")).ShouldBe(200)["nextLink"]!;
        var continuation = next[(next.IndexOf("continuation=", StringComparison.Ordinal) + 13)..];

        (await app.Admin.Get(next)).ShouldBe(200)["value"]!.AsArray().Should().HaveCount(1);
        foreach (var other in new[] { "?", "?orderby=name&", $"?q={tag}&orderby=createdAt%20desc&", $"?q={tag}&status=active&" })
        {
            (await app.Admin.Get($"/api/customers{other}continuation={continuation}")).ShouldBeRefused(400, "invalid-request", "?continuation");
        }
    }

    [Theory]
    [InlineData("made up")]
    [InlineData("[]")]
    [InlineData("{\"token\":null}")]
    [InlineData("[{\"token\":\"x\",\"range\":{\"min\":\"\",\"max\":\"FF\"}}]")]
    public async Task A_continuation_that_was_made_up_is_refused_even_when_it_has_the_form(string continuation)
    {
        var app = await App.Shared;
        // Made as the app makes them, but with keys that are not the app's.
        var services = new ServiceCollection().AddSingleton(new Cursors(new ProtectionRing(() => new EphemeralDataProtectionProvider()))).BuildServiceProvider();
        var request = new DefaultHttpContext { RequestServices = services }.Request;
        (request.Scheme, request.Host, request.Path) = ("http", new HostString(new Uri(app.Cloud.Endpoint("functions")).Authority), "/api/customers");

        var refused = (await app.Admin.Get(Paging.NextLink(request, "customers||||createdAt|False|", continuation)!)).ShouldBeRefused(400, "invalid-request", "?continuation");

        ((string?)refused["errors"]![0]!["code"]).Should().Be("malformed", "the store never sees it");
    }

    private static string NewTag() => "t" + Guid.NewGuid().ToString("N")[..12];

    private static IEnumerable<string> Names(Answer list) => list["value"]!.AsArray().Select(customer => (string)customer!["name"]!);
}
