using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.Options;

namespace LocalAzure.FunctionsHost;

/// <summary>
/// Which function answers a request. ASP.NET Core's templates and constraints, as the host uses them; a path that no function declares
/// and a method that its function does not take are both a 404 of the host.
/// </summary>
internal sealed class RouteTable
{
    private readonly Entry[] entries;

    public RouteTable(FunctionApp app)
    {
        var constraints = new DefaultInlineConstraintResolver(Options.Create(new RouteOptions()), new ServiceCollection().BuildServiceProvider());
        entries = [.. app.Functions.Where(function => function.Http is not null).Select(function => Entry.Of(function, app.RoutePrefix, constraints)).OrderBy(entry => entry.Precedence)];
    }

    public FunctionDefinition? Find(HttpContext context)
    {
        foreach (var entry in entries)
        {
            if (entry.Matches(context)) { return entry.Function; }
        }
        return null;
    }

    /// <summary>Whether a function has this path, whatever its methods: only then is there something for a browser's preflight to ask about.</summary>
    public bool Knows(PathString path) => Array.Exists(entries, entry => entry.Matcher.TryMatch(path, []));

    private sealed record Entry(FunctionDefinition Function, TemplateMatcher Matcher, decimal Precedence, IReadOnlyList<(string Parameter, IRouteConstraint Constraint)> Constraints)
    {
        public static Entry Of(FunctionDefinition function, string prefix, DefaultInlineConstraintResolver resolver)
        {
            RouteTemplate template;
            try { template = TemplateParser.Parse($"{prefix}/{function.Http!.Route}".Trim('/')); }
            catch (Exception e) when (e is ArgumentException or RoutePatternException)
            {
                throw new StartRefused($"Function {function.Name}: '{function.Http!.Route}' is not a route: {e.Message}", e);
            }
            var constraints =
                from parameter in template.Parameters
                from inline in parameter.InlineConstraints
                let constraint = resolver.ResolveConstraint(inline.Constraint) ?? throw new StartRefused($"Function {function.Name}: unknown route constraint '{inline.Constraint}'.")
                select (parameter.Name!, constraint);
            return new Entry(function, new TemplateMatcher(template, Defaults(template)), RoutePrecedence.ComputeInbound(template), [.. constraints]);
        }

        public bool Matches(HttpContext context)
        {
            var methods = Function.Http!.Methods;
            if (methods.Count > 0 && !methods.Contains(context.Request.Method)) { return false; }
            var values = new RouteValueDictionary();
            return Matcher.TryMatch(context.Request.Path, values)
                && Constraints.All(constraint => constraint.Constraint.Match(context, null, constraint.Parameter, values, RouteDirection.IncomingRequest));
        }

        private static RouteValueDictionary Defaults(RouteTemplate template) =>
            new(template.Parameters.Where(parameter => parameter.DefaultValue is not null).Select(parameter => KeyValuePair.Create(parameter.Name!, parameter.DefaultValue)));
    }
}
