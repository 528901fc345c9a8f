// What the generated dashboards must be, by Grafana's own types.
import type * as schema from "@grafana/schema";
import type * as bargauge from "@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen.d.ts";
import type * as stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen.d.ts";
import type * as states from "@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen.d.ts";
import type * as table from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen.d.ts";
import type * as timeseries from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.d.ts";

// JSON holds the values of enums, not the enums: "absolute" for ThresholdsMode.Absolute, 1 for DashboardCursorSync.Crosshair.
type Plain<T> = unknown extends T ? T
  : T extends string ? `${T}`
  : T extends number ? (`${T}` extends `${infer N extends number}` ? N : never)
  : T extends (infer U)[] ? Plain<U>[]
  : T extends object ? { [K in keyof T]: Plain<T[K]> }
  : T;

// Of Grafana's Prometheus data source; its types are in no package of their own that needs no browser.
interface Query { refId: string; expr: string; datasource: schema.DataSourceRef; format?: "time_series" | "table" | "heatmap";
  legendFormat?: string; instant?: boolean; range?: boolean; }
interface Annotation extends Omit<schema.AnnotationQuery, "target"> {
  expr: string; step: string;
  titleFormat: string; textFormat: string; tagKeys: string; useValueForTime: boolean; }

type Strict<Kind extends string, Options, Custom> = Omit<schema.Panel, "type" | "options" | "targets" | "fieldConfig"> & {
  type: Kind; options: Options; targets: Query[];
  fieldConfig: { defaults: Omit<schema.FieldConfig, "custom"> & { custom?: Custom };
                 overrides: schema.FieldConfigSource["overrides"] }; };
type Never = Record<string, never>;
export type TimeSeries = Plain<Strict<"timeseries", timeseries.Options, timeseries.FieldConfig>>;
export type Stat = Plain<Strict<"stat", stat.Options, Never>>;
export type BarGauge = Plain<Strict<"bargauge", bargauge.Options, Never>>;
export type StateTimeline = Plain<Strict<"state-timeline", states.Options, states.FieldConfig>>;
export type Table = Plain<Strict<"table", table.Options, table.FieldConfig>>;
export type Row = Plain<schema.RowPanel>;
export type Board = Plain<Omit<schema.Dashboard, "panels" | "annotations"> & { annotations: { list: Annotation[] } }>;
