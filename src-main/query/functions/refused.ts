import { refused, type FunctionTable, type RefusedFunction } from './entry';

const all = (names: readonly string[], why: string): Record<string, RefusedFunction> =>
  Object.fromEntries(names.map((name) => [name, refused(why)]));

/** Functions of the vendor's catalogue that this dialect does not have. @see sls-logstore.md §3.7 */
export const REFUSED: FunctionTable = {
  ...all(['log_reduce', 'compare_log_reduce', 'pattern_stat'], 'grouping logs by pattern is a service of the vendor’s'),
  ...all(
    [
      ...[
        'ts_smooth_simple',
        'ts_smooth_fir',
        'ts_smooth_iir',
        'ts_period_detect',
        'ts_period_classify',
        'ts_cp_detect',
      ],
      ...[
        'ts_breakout_detect',
        'ts_find_peaks',
        'ts_predicate_simple',
        'ts_predicate_arma',
        'ts_predicate_ar',
        'ts_predicate_arima',
      ],
      ...[
        'ts_regression_predict',
        'ts_anomaly_filter',
        'ts_decompose',
        'ts_density_cluster',
        'ts_hierarchical_cluster',
      ],
      ...['ts_similar_instance', 'ts_fill_missing', 'url_classify', 'rca_kpi_search', 'anomaly_compare'],
    ],
    'machine learning is a service of the vendor’s',
  ),
  ...all(['color', 'bar', 'render', 'rgb'], 'it draws for a terminal: choose a chart instead'),
  ...all(['mobile_carrier', 'mobile_city', 'mobile_province'], 'it needs a database of telephone numbers'),
  ...all(
    [
      ...[
        'geohash',
        'geohash_decode',
        'st_area',
        'st_astext',
        'st_boundary',
        'st_buffer',
        'st_contains',
        'st_distance',
      ],
      ...['st_geometryfromtext', 'st_intersects', 'st_point', 'st_polygon', 'st_within', 'st_x', 'st_y'],
    ],
    'geometry is not part of this dialect',
  ),
  ...all(['checksum'], 'its bytes are those of the vendor’s own hash'),
  ...all(['window_funnel'], 'funnels are not part of this dialect'),
  ...all(
    [
      'convert_data_size',
      'format_data_size',
      'parse_data_size',
      'format_duration',
      'parse_duration',
      'seconds_to_duration',
    ],
    'units are not part of this dialect: divide, as in round(bytes / 1048576.0, 2)',
  ),
  ...all(['histogram_u', 'numeric_histogram_u'], 'use it without _u, and UNNEST for rows'),
};
