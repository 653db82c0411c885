using CustomerFunctions.Edge;
using CustomerFunctions.SignIn;
using FsCheck.Fluent;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerFunctions.Tests.Edge;

public sealed class PagingTests
{
    private static readonly EphemeralDataProtectionProvider Keys = new();

    [Theory]
    [InlineData(null, 50)]
    [InlineData("1", 1)]
    [InlineData("200", 200)]
    [InlineData("201", 200)]
    [InlineData("007", 7)]
    public void The_page_size_is_a_ceiling(string? text, int expected)
    {
        Paging.TrySize(text, out var size).Should().BeTrue();
        size.Should().Be(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1.0")]
    [InlineData("1e2")]
    [InlineData("99999999999")]
    [InlineData("ten")]
    public void Nothing_else_is_a_page_size(string text) => Paging.TrySize(text, out _).Should().BeFalse();

    [Fact]
    public void A_cursor_comes_back_as_it_went_out_and_only_to_its_own_list() => Generated.Check(
        from continuation in Generated.Text() from list in Generated.Text(20) from other in Generated.Text(20)
        where continuation.Length > 0 && list != other
        select (continuation, list, other),
        one =>
        {
            var cursor = Cursor(one.list, one.continuation);
            Paging.TryContinuation(Request(""), cursor, one.list, out var read).Should().BeTrue();
            read.Should().Be(one.continuation);
            Paging.TryContinuation(Request(""), cursor, one.other, out _).Should().BeFalse();
        });

    [Fact]
    public void A_cursor_with_a_changed_character_is_refused() => Generated.Check(
        from continuation in Generated.Text() where continuation.Length > 0
        let cursor = Cursor("list", continuation)
        from at in Gen.Choose(0, cursor.Length - 2)
        from other in Gen.Elements('A', 'z', '0', '-', '_', '!')
        where cursor[at] != other
        select cursor[..at] + other + cursor[(at + 1)..],
        changed => Paging.TryContinuation(Request(""), changed, "list", out _).Should().BeFalse());

    [Fact]
    public void The_next_link_is_this_request_with_another_cursor()
    {
        var request = Request("?q=a%26b&maxpagesize=2&continuation=old");

        var link = new Uri(Paging.NextLink(request, "list", "next")!);

        link.GetLeftPart(UriPartial.Path).Should().Be("https://api.example.com/api/customers");
        var query = QueryHelpers.ParseQuery(link.Query);
        query["q"].Should().Equal("a&b");
        query["maxpagesize"].Should().Equal("2");
        query["continuation"].Should().ContainSingle().Which.Should().NotBe("old");
        Paging.NextLink(request, "list", continuation: null).Should().BeNull();
    }

    private static readonly ServiceProvider Services = new ServiceCollection().AddSingleton(new Cursors(new ProtectionRing(() => Keys))).BuildServiceProvider();

    private static string Cursor(string list, string continuation) =>
        QueryHelpers.ParseQuery(new Uri(Paging.NextLink(Request(""), list, continuation)!).Query)["continuation"].Single()!;

    private static HttpRequest Request(string query)
    {
        var request = new DefaultHttpContext { RequestServices = Services }.Request;
        (request.Scheme, request.Host, request.Path, request.QueryString) = ("https", new HostString("api.example.com"), "/api/customers", new QueryString(query));
        return request;
    }
}
