using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http;

namespace CustomerFunctions.Tests.Edge;

public sealed class PreconditionsTests
{
    [Theory]
    [InlineData("\"one\"", null)]
    [InlineData("*", null)]
    [InlineData("\"zero\", \"one\"", null)]
    [InlineData("\"two\"", 412)]
    [InlineData("W/\"one\"", 412)]
    [InlineData("\"zero\", \"two\"", 412)]
    [InlineData("\"ONE\"", 412)]
    [InlineData("one", 400)]
    [InlineData("\"one", 400)]
    [InlineData("", 400)]
    [InlineData(null, 428)]
    public void A_change_is_let_through_only_when_it_names_the_current_etag(string? ifMatch, int? refusal)
    {
        var request = new DefaultHttpContext().Request;
        if (ifMatch is not null) { request.Headers.IfMatch = ifMatch; }

        Preconditions.Check(request, "\"one\"")?.StatusCode.Should().Be(refusal);
        (Preconditions.Check(request, "\"one\"") is null).Should().Be(refusal is null);
    }

    [Theory]
    [InlineData("*", "*", 412, "precondition-failed")]
    [InlineData("*", "\"one\"", 412, "precondition-failed")]
    [InlineData("\"one\"", "W/\"one\"", 412, "precondition-failed")]
    [InlineData("\"one\"", "\"one.variant\"", 412, "precondition-failed")]
    [InlineData(null, "\"zero\", \"one\"", 412, "precondition-failed")]
    [InlineData("\"two\"", "\"one\"", 412, "stale")]
    [InlineData("one", "\"one\"", 400, "invalid-request")]
    [InlineData(null, "\"two\"", 428, "if-match-required")]
    [InlineData("*", "\"two\"", null, null)]
    [InlineData("\"one\"", "one", null, null)]
    [InlineData("\"one.variant\"", null, null, null)]
    [InlineData("W/\"one.variant\"", null, 412, "stale")]
    [InlineData("\"two.one\"", null, 412, "stale")]
    public void A_change_needs_an_If_Match_that_names_what_is_there_and_no_If_None_Match_that_does(string? ifMatch, string? ifNoneMatch, int? status, string? code)
    {
        var request = new DefaultHttpContext().Request;
        if (ifMatch is not null) { request.Headers.IfMatch = ifMatch; }
        if (ifNoneMatch is not null) { request.Headers.IfNoneMatch = ifNoneMatch; }

        var refusal = Preconditions.Check(request, "\"one\"");

        (refusal?.StatusCode, refusal?.Kind.Code).Should().Be((status, code));
    }

    [Fact]
    public void Several_header_lines_are_one_list()
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.IfMatch = new(["\"zero\"", "\"one\""]);
        Preconditions.Check(request, "\"one\"").Should().BeNull();
    }
}
