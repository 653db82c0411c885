using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Azure;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace LocalAzure.Tests.Sdks;

/// <summary>
/// Calls operations of SDK clients and keeps which were called and which LocalAzure refused as not implemented. An operation's name is read from the call itself, so
/// none can be listed without having been called.
/// </summary>
internal sealed partial class Session(string service)
{
    private readonly HashSet<string> operations = [];
    private readonly List<Refusal> refusals = [];

    public string Service => service;

    public IReadOnlySet<string> Operations => operations;

    public IReadOnlyList<Refusal> Refusals => refusals;

    /// <summary>Calls what sends nothing, or nothing by itself.</summary>
    public TResult Local<TClient, TResult>(TClient client, Func<TClient, TResult> call, [CallerArgumentExpression(nameof(call))] string text = "")
    {
        Record<TClient>(text);
        return call(client);
    }

    /// <summary>Calls an operation that succeeds.</summary>
    public async Task<TResult> Ok<TClient, TResult>(TClient client, Func<TClient, Task<TResult>> call, [CallerArgumentExpression(nameof(call))] string text = "")
    {
        Record<TClient>(text);
        var result = await call(client);
        if (result is ResponseMessage message) { message.IsSuccessStatusCode.Should().BeTrue("{0}: {1}", text, message.ErrorMessage); }
        return result;
    }

    public async Task Ok<TClient>(TClient client, Func<TClient, Task> call, [CallerArgumentExpression(nameof(call))] string text = "")
    {
        Record<TClient>(text);
        await call(client);
    }

    /// <summary>Reads every page.</summary>
    public async Task<List<T>> All<TClient, T>(TClient client, Func<TClient, FeedIterator<T>> call, [CallerArgumentExpression(nameof(call))] string text = "")
    {
        Record<TClient>(text);
        operations.Add("FeedIterator.ReadNextAsync");
        using var pages = call(client);
        var all = new List<T>();
        while (pages.HasMoreResults)
        {
            var page = await pages.ReadNextAsync();
            // A change feed has no end: it says that nothing has changed since.
            if (page.StatusCode == System.Net.HttpStatusCode.NotModified) { break; }
            all.AddRange(page);
        }
        return all;
    }

    /// <summary>Reads every page and returns what is in the array that an answer has.</summary>
    public async Task<List<JToken>> All<TClient>(TClient client, Func<TClient, FeedIterator> call, [CallerArgumentExpression(nameof(call))] string text = "")
    {
        Record<TClient>(text);
        operations.Add("FeedIterator.ReadNextAsync");
        using var pages = call(client);
        var all = new List<JToken>();
        while (pages.HasMoreResults)
        {
            using var page = await pages.ReadNextAsync();
            if (page.StatusCode == System.Net.HttpStatusCode.NotModified) { break; }
            page.IsSuccessStatusCode.Should().BeTrue("{0}: {1}", text, page.ErrorMessage);
            using var reader = new StreamReader(page.Content);
            all.AddRange(JObject.Parse(await reader.ReadToEndAsync()).Properties().Single(p => p.Value is JArray).Value);
        }
        return all;
    }

    public async Task<List<T>> All<TClient, T>(TClient client, Func<TClient, AsyncPageable<T>> call, [CallerArgumentExpression(nameof(call))] string text = "")
        where T : notnull
    {
        Record<TClient>(text);
        var all = new List<T>();
        await foreach (var item in call(client)) { all.Add(item); }
        return all;
    }

    /// <summary>Calls an operation that LocalAzure refuses with 501, naming the feature.</summary>
    public async Task Refused<TClient>(TClient client, string feature, Func<TClient, Task> call, [CallerArgumentExpression(nameof(call))] string text = "")
    {
        var operation = Record<TClient>(text);
        var (status, said) = await Answer(call(client));
        said.Should().Contain($"LocalAzure does not implement {feature}.", "{0} answered {1}", text, status);
        status.Should().Be(501, text);
        refusals.Add(new Refusal(feature, operation));
    }

    private static async Task<(int Status, string Text)> Answer(Task call)
    {
        try { await call; }
        catch (CosmosException refused) { return ((int)refused.StatusCode, refused.Message); }
        catch (RequestFailedException refused) { return (refused.Status, $"{refused.Message} {refused.InnerException?.Message}"); }
        return call is Task<ResponseMessage> stream ? ((int)(await stream).StatusCode, (await stream).ErrorMessage ?? "") : (200, "success");
    }

    private string Record<TClient>(string text)
    {
        var called = Called().Match(text);
        called.Success.Should().BeTrue("'{0}' calls an operation of the client first", text);
        var operation = SdkOperations.Name(typeof(TClient), called.Groups[1].Value);
        operations.Add(operation);
        return operation;
    }

    /// <summary>The method in <c>c =&gt; c.ReadAsync(…)</c>.</summary>
    [GeneratedRegex(@"^(?:async )?\w+ =>[\s{]*(?:await )?\w+\s*\.\s*(\w+)")]
    private static partial Regex Called();

    /// <summary>A feature that LocalAzure does not have, and an operation that asked for it.</summary>
    internal sealed record Refusal(string Feature, string Operation);
}
